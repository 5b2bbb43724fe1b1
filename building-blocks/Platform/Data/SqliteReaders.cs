using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace KuaipuCrm.Platform.Data;

/// <summary>Connections for reading that stay open with the statements they have prepared: preparing a list's statement costs as much as finding its rows.</summary>
internal sealed class SqliteReaders(Func<SqliteConnection> create) : IDisposable
{
    /// <summary>Idle ones beyond that are closed.</summary>
    private const int MostIdle = 32;

    /// <summary>Prepared statements of one connection; then it begins anew.</summary>
    private const int MostPrepared = 200;

    private readonly ConcurrentBag<Reader> idle = [];
    private volatile bool disposed;

    public List<T> Read<T>(string text, IReadOnlyList<object?> values, Func<DbParameter, int, object?, DbParameter> bind, Func<DbDataReader, T> row, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var reader = idle.TryTake(out var waiting) ? waiting : new Reader(create());
        try
        {
            var rows = reader.Read(text, values, bind, row, ct);
            if (disposed || idle.Count >= MostIdle) reader.Dispose();
            else idle.Add(reader);
            return rows;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out var reader)) reader.Dispose();
    }

    /// <summary>One connection, used by one caller at a time.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly SqliteConnection connection;
        private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);

        public Reader(SqliteConnection connection)
        {
            this.connection = connection;
            connection.Open();
        }

        public List<T> Read<T>(string text, IReadOnlyList<object?> values, Func<DbParameter, int, object?, DbParameter> bind, Func<DbDataReader, T> row, CancellationToken ct)
        {
            var command = Command(text, values.Count);
            for (var i = 0; i < values.Count; i++) bind(command.Parameters[i], i, values[i]);
            var rows = new List<T>();
            // Closed at the end in any case: an open one would hold the snapshot and keep the log from being written back.
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                rows.Add(row(reader));
                if ((rows.Count & 255) == 0) ct.ThrowIfCancellationRequested();
            }
            return rows;
        }

        private SqliteCommand Command(string text, int parameters)
        {
            if (prepared.TryGetValue(text, out var known)) return known;
            if (prepared.Count >= MostPrepared) Forget();
            var command = connection.CreateCommand();
            command.CommandText = text;
            for (var i = 0; i < parameters; i++) command.Parameters.Add(new SqliteParameter());
            return prepared[text] = command;
        }

        private void Forget()
        {
            foreach (var command in prepared.Values) command.Dispose();
            prepared.Clear();
        }

        public void Dispose()
        {
            Forget();
            connection.Dispose();
        }
    }
}
