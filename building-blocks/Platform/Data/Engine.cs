using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Data;

/// <summary>One of the three database engines: connections, and the few things it writes differently.</summary>
public abstract partial class Engine : IDialect
{
    private readonly ConcurrentDictionary<string, string> finished = new(StringComparer.Ordinal);
    private (string Type, Regex Named)[] guarded = [];

    public abstract string Name { get; }

    /// <summary>With its password, for tools that open connections of their own; null where a connection tells.</summary>
    public virtual string? ConnectionString => null;

    /// <summary>A closed connection for reading, or for writing inside a unit of work.</summary>
    public abstract DbConnection Create(bool write = false);

    /// <summary>The table's name as this engine wants it.</summary>
    public virtual string Table(string table) => table;

    public abstract Sql Page(int take, long skip = 0);
    public abstract Sql Contains(Sql column, string text);
    public abstract Sql StartsWith(Sql column, string text);

    public virtual Sql Aside(Sql column) => column;
    public abstract Sql In(Sql column, IReadOnlyCollection<long> ids);
    public abstract Sql In(Sql column, IReadOnlyCollection<string> texts);

    /// <summary>Between table and alias: take this index (SQLite only; the servers plan by statistics).</summary>
    public virtual string ByIndex(string index) => "";

    /// <summary>Between table and alias: read the table as it lies (SQLite only).</summary>
    public virtual string NoIndex => "";

    /// <summary>What a custom field holds, out of the JSON it is kept in, as text that may stand in a statement and in an index.</summary>
    /// <param name="column">The column with the JSON, with its alias.</param>
    /// <param name="key">The field's name: letters, digits, underscores.</param>
    /// <param name="whole">A whole number; else text.</param>
    public abstract string Custom(string column, string key, bool whole);

    /// <summary>Statements, each on its own and outside a transaction, that make an index over a custom field: its value, then <paramref name="then"/>.</summary>
    public abstract IReadOnlyList<string> CreateCustomIndex(string name, string table, string key, bool whole, string then);

    /// <summary>Statements that take such an index away.</summary>
    public abstract IReadOnlyList<string> DropCustomIndex(string name, string table);

    /// <summary>The usable indexes whose names begin with <c>ix_x_</c>, each with its table: columns <c>name</c> and <c>on_table</c>.</summary>
    public abstract string CustomIndexes { get; }

    /// <summary>What stands behind the alias and at the end of a select that holds its rows for the transaction to write them.</summary>
    public virtual (string Behind, string End) Hold(string alias) => ("", "");

    /// <summary>Reads outside a unit of work, on a connection of its own.</summary>
    /// <param name="text">As <see cref="Finish"/> leaves it.</param>
    /// <param name="values">The parameters, in the order of their numbers.</param>
    /// <param name="row">What becomes of each row.</param>
    /// <param name="ct">Ends the reading.</param>
    public virtual async Task<List<T>> Read<T>(string text, IReadOnlyList<object?> values, Func<DbDataReader, T> row, CancellationToken ct)
    {
        await using var c = Create();
        await c.OpenAsync(ct);
        return await Read(c, null, text, values, row, ct);
    }

    /// <summary>Reads on a given connection.</summary>
    internal async Task<List<T>> Read<T>(DbConnection connection, DbTransaction? transaction, string text, IReadOnlyList<object?> values, Func<DbDataReader, T> row, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        for (var i = 0; i < values.Count; i++) command.Parameters.Add(Bind(command.CreateParameter(), i, values[i]));
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) rows.Add(row(reader));
        return rows;
    }

    /// <summary>Gives a parameter its name and value.</summary>
    protected virtual DbParameter Bind(DbParameter parameter, int number, object? value)
    {
        (parameter.ParameterName, parameter.Value) = (ParameterName(number), ToDb(value) ?? DBNull.Value);
        return parameter;
    }

    private static readonly string[] ParameterNames = [.. Enumerable.Range(0, 100).Select(i => "p" + i.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Of the hole with that number.</summary>
    internal static string ParameterName(int number) => number < ParameterNames.Length ? ParameterNames[number] : "p" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>An update that leaves a counter's new value.</summary>
    public abstract Task<long> Draw(DbConnection connection, DbTransaction? transaction, string name, long count, CancellationToken ct);

    /// <summary>Waits for the right to write; one writer at a time on SQLite.</summary>
    public virtual Task<IDisposable?> EnterWrite(CancellationToken ct) => Task.FromResult<IDisposable?>(null);

    /// <summary>Waits for the right to write, and begins.</summary>
    /// <param name="brief">It is over soon, so that on SQLite others who write at the same moment may wait for one commit with it.</param>
    /// <param name="ct">Ends the waiting.</param>
    public virtual Task<Writing> Write(bool brief, CancellationToken ct) => SingleWriting.Begin(this, ct);

    public abstract Task<DbTransaction> Begin(DbConnection connection, CancellationToken ct);

    /// <summary>For reading much at one moment: what others write meanwhile is not seen, and nobody waits.</summary>
    public abstract Task<DbTransaction> Snapshot(DbConnection connection, CancellationToken ct);

    /// <summary>The same where the database lets; else each statement sees what stands when it is read.</summary>
    public virtual Task<DbTransaction> SnapshotIfAllowed(DbConnection connection, CancellationToken ct) => Snapshot(connection, ct);

    /// <summary>Adds many rows within the transaction.</summary>
    public abstract Task Insert(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct);

    /// <summary>Takes a transaction's writes, to send several in one message; null where that spares nothing.</summary>
    internal virtual PostgresPending? Pend(DbConnection connection, DbTransaction transaction) => null;

    /// <summary>As <see cref="Insert"/>, of rows the database gives their <c>id</c>.</summary>
    /// <returns>The ids, in the order of the rows, which is theirs, too.</returns>
    public abstract Task<IReadOnlyList<long>> InsertNumbered(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows, CancellationToken ct);

    /// <summary>As <see cref="Insert"/>, of rows of three numbers, the first one the same in all.</summary>
    public virtual Task InsertNumbers(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, long first, (long, long)[] rest, CancellationToken ct) =>
        Insert(connection, transaction, table, columns, rest.Select(r => new object?[] { first, r.Item1, r.Item2 }), ct);

    /// <summary>As <see cref="Insert"/>, with the numbers the database would otherwise give itself.</summary>
    public virtual Task Load(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken ct) =>
        Insert(connection, transaction, table, columns, rows, ct);

    /// <summary>A value as this engine's driver takes it.</summary>
    public abstract object? ToDb(object? value);

    /// <summary>The failure is a deadlock or a busy database: the whole command may be tried again.</summary>
    public abstract bool IsTransient(Exception e);

    /// <summary>The failure is a second row with a unique value; gives the index's name.</summary>
    public abstract string? UniqueIndexOf(Exception e);

    /// <summary>The database can't be written or reached: a Chinese sentence for the user, or null.</summary>
    public abstract string? Trouble(Exception e);

    /// <summary>Statements to be run before a schema's first migration.</summary>
    public virtual IEnumerable<string> CreateSchema(string schema) => [];

    /// <summary>Holds other hosts back while migrations run.</summary>
    public virtual Task<IAsyncDisposable?> LockMigrations(CancellationToken ct) => Task.FromResult<IAsyncDisposable?>(null);

    /// <summary>For one host alone, where no other is at it; null where one is.</summary>
    public virtual Task<IAsyncDisposable?> TryAlone(CancellationToken ct) => Task.FromResult<IAsyncDisposable?>(new Nothing());

    private sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Documents' tables, named in statements only together with a scope.</summary>
    public void Protect(IEnumerable<(string Type, string Table)> documents) =>
        guarded = [.. documents.Select(d => (d.Type, new Regex($@"\b(from|join|update|into)\s+{Regex.Escape(d.Table)}\b", RegexOptions.IgnoreCase)))];

    /// <summary>The text as this engine wants it: holes numbered, tables named, scope checked. Worked out once for each distinct text.</summary>
    /// <exception cref="InvalidOperationException">A document's table without its scope.</exception>
    public string Finish(string text)
    {
        if (finished.TryGetValue(text, out var known)) return known;
        foreach (var (type, named) in guarded)
            if (named.IsMatch(text) && !text.Contains($"{Sql.Guard}{type}{Sql.Guard}", StringComparison.Ordinal))
                throw new InvalidOperationException($"The statement reads or writes rows of '{type}' without a scope. Add {{scope.Of(\"{type}\", alias)}}, or {{scope.All(\"{type}\", reason)}}. {text}");
        var numbered = new StringBuilder(text.Length + 32);
        var hole = 0;
        foreach (var c in Guards().Replace(text, ""))
            if (c == Sql.Hole) numbered.Append("@p").Append(hole++.ToString(CultureInfo.InvariantCulture));
            else numbered.Append(c);
        var result = Rename(numbered.ToString());
        // Texts are few (declared fields, conditions on or off); a cap all the same, so that no stream of odd filters fills the memory.
        if (finished.Count > 20_000) finished.Clear();
        return finished[text] = result;
    }

    protected virtual string Rename(string sql) => sql;

    /// <summary>Escapes what <c>like</c> takes for wildcards; the escape character is the backslash.</summary>
    protected static string Like(string text) => text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_").Replace("[", @"\[");

    [GeneratedRegex("\u0002.*?\u0002")]
    private static partial Regex Guards();
}
