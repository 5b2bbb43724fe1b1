using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KuaipuCrm.Platform.Data;

/// <summary>Inserts rows by SQLite's own calls: one prepared statement, bound and stepped. The provider's command costs several times the insert itself.</summary>
internal static class SqliteBulk
{
    public static void Insert(SqliteConnection connection, string sql, IEnumerable<object?[]> rows, SqliteEngine engine, CancellationToken ct)
    {
        var db = connection.Handle;
        Check(raw.sqlite3_prepare_v2(db, sql, out var statement), db);
        using (statement)
        {
            // Most rows of an insert have the same moments: each is written out once.
            var (moment, written) = (default(DateTime), "");
            foreach (var row in rows)
            {
                for (var i = 0; i < row.Length; i++)
                    if (row[i] is DateTime t)
                    {
                        if (t != moment || t.Kind != moment.Kind || written.Length == 0) (moment, written) = (t, (string)engine.ToDb(t)!);
                        Check(Text(statement, i + 1, written), db);
                    }
                    else Check(Bind(statement, i + 1, engine.ToDb(row[i])), db);
                Step(statement, db);
                ct.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Rows of three numbers, the first one the same in all.</summary>
    public static void Insert(SqliteConnection connection, string sql, long first, (long, long)[] rest, CancellationToken ct)
    {
        if (rest.Length == 0) return;
        var db = connection.Handle;
        Check(raw.sqlite3_prepare_v2(db, sql, out var statement), db);
        using (statement)
        {
            // A binding stays until it is replaced.
            Check(raw.sqlite3_bind_int64(statement, 1, first), db);
            foreach (var (second, third) in rest)
            {
                Check(raw.sqlite3_bind_int64(statement, 2, second), db);
                Check(raw.sqlite3_bind_int64(statement, 3, third), db);
                Step(statement, db);
            }
        }
        ct.ThrowIfCancellationRequested();
    }

    private static void Step(sqlite3_stmt statement, sqlite3? db)
    {
        var rc = raw.sqlite3_step(statement);
        if (rc != raw.SQLITE_DONE) Check(rc, db);
        Check(raw.sqlite3_reset(statement), db);
    }

    private static int Bind(sqlite3_stmt statement, int at, object? value) => value switch
    {
        null or DBNull => raw.sqlite3_bind_null(statement, at),
        long l => raw.sqlite3_bind_int64(statement, at, l),
        string s => Text(statement, at, s),
        double d => raw.sqlite3_bind_double(statement, at, d),
        byte[] b => raw.sqlite3_bind_blob(statement, at, b),
        _ => raw.sqlite3_bind_int64(statement, at, Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };

    /// <summary>SQLite takes a copy: short texts need no array of their own.</summary>
    private static int Text(sqlite3_stmt statement, int at, string text)
    {
        if (text.Length > 300) return raw.sqlite3_bind_text(statement, at, text);
        Span<byte> bytes = stackalloc byte[text.Length * 3];
        // An empty span would be bound as null.
        return text.Length == 0 ? raw.sqlite3_bind_text(statement, at, "") : raw.sqlite3_bind_text(statement, at, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private static void Check(int rc, sqlite3? db)
    {
        if (rc != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(rc, db!);
    }
}
