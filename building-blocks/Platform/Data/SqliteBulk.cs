using System.Globalization;
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
            foreach (var row in rows)
            {
                for (var i = 0; i < row.Length; i++) Check(Bind(statement, i + 1, engine.ToDb(row[i])), db);
                var rc = raw.sqlite3_step(statement);
                if (rc != raw.SQLITE_DONE) Check(rc, db);
                Check(raw.sqlite3_reset(statement), db);
                ct.ThrowIfCancellationRequested();
            }
        }
    }

    private static int Bind(sqlite3_stmt statement, int at, object? value) => value switch
    {
        null or DBNull => raw.sqlite3_bind_null(statement, at),
        long l => raw.sqlite3_bind_int64(statement, at, l),
        string s => raw.sqlite3_bind_text(statement, at, s),
        double d => raw.sqlite3_bind_double(statement, at, d),
        byte[] b => raw.sqlite3_bind_blob(statement, at, b),
        _ => raw.sqlite3_bind_int64(statement, at, Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };

    private static void Check(int rc, sqlite3? db)
    {
        if (rc != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(rc, db!);
    }
}
