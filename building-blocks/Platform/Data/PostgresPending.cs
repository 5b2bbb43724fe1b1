using System.Globalization;
using System.Text;
using KuaipuCrm.Sdk;
using Npgsql;

namespace KuaipuCrm.Platform.Data;

/// <summary>Writes a transaction is going to make, which go to the server in one message: a command of few rows spends more time under way than in the database.</summary>
internal sealed class PostgresPending(PostgresEngine engine, NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    /// <summary>Up to so many rows at once; more are copied.</summary>
    private const int Few = 3;

    private readonly List<NpgsqlBatchCommand> commands = [];

    public bool Any => commands.Count > 0;

    /// <summary>Takes the rows, if they are few; else they are handed back to be copied.</summary>
    public bool Takes(string table, IReadOnlyList<string> columns, ref IEnumerable<object?[]> rows)
    {
        var from = rows.GetEnumerator();
        var first = new List<object?[]>(Few + 1);
        while (first.Count <= Few && from.MoveNext()) first.Add(from.Current);
        if (first.Count > Few)
        {
            rows = All(first, from);
            return false;
        }
        from.Dispose();
        foreach (var row in first) commands.Add(Insert(table, columns, [row], ""));
        return true;
    }

    public void Add(Sql sql)
    {
        var command = new NpgsqlBatchCommand(engine.Finish(sql.Text));
        for (var i = 0; i < sql.Values.Count; i++) command.Parameters.Add(new(Engine.ParameterName(i), engine.ToDb(sql.Values[i]) ?? DBNull.Value));
        commands.Add(command);
    }

    /// <summary>Sends what has been taken.</summary>
    public async Task Send(CancellationToken ct)
    {
        if (commands.Count == 0) return;
        await using var batch = Batch();
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Sends what has been taken, and these rows after it.</summary>
    /// <returns>Their ids, in their order.</returns>
    public async Task<IReadOnlyList<long>> InsertNumbered(string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, CancellationToken ct)
    {
        var ids = new List<long>(rows.Count);
        foreach (var piece in rows.Chunk(1_000))
        {
            commands.Add(Insert(table, columns, piece, " returning id"));
            await using var batch = Batch();
            await using var reader = await batch.ExecuteReaderAsync(ct);
            var answered = new List<long>();
            do
            {
                // Locks answer, too; the last to answer is the insert.
                answered.Clear();
                while (await reader.ReadAsync(ct)) answered.Add(reader.GetInt64(0));
            }
            while (await reader.NextResultAsync(ct));
            ids.AddRange(answered);
        }
        return ids;
    }

    private NpgsqlBatch Batch()
    {
        var batch = new NpgsqlBatch(connection, transaction);
        commands.ForEach(batch.BatchCommands.Add);
        commands.Clear();
        return batch;
    }

    private NpgsqlBatchCommand Insert(string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, string end)
    {
        var text = new StringBuilder($"insert into {table} ({string.Join(", ", columns)}) values ");
        var command = new NpgsqlBatchCommand();
        for (var r = 0; r < rows.Count; r++)
        {
            text.Append(r == 0 ? "(" : ", (");
            for (var i = 0; i < columns.Count; i++)
            {
                command.Parameters.Add(new() { Value = engine.ToDb(rows[r][i]) ?? DBNull.Value });
                text.Append(i == 0 ? "$" : ", $").Append(command.Parameters.Count.ToString(CultureInfo.InvariantCulture));
            }
            text.Append(')');
        }
        command.CommandText = text.Append(end).ToString();
        return command;
    }

    private static IEnumerable<object?[]> All(List<object?[]> first, IEnumerator<object?[]> rest)
    {
        using (rest)
        {
            foreach (var row in first) yield return row;
            while (rest.MoveNext()) yield return rest.Current;
        }
    }
}
