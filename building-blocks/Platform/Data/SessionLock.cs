using System.Data.Common;

namespace KuaipuCrm.Platform.Data;

/// <summary>A lock that a connection holds on a server; given back aloud, as a pooled connection is cleared only when it is used again.</summary>
internal sealed class SessionLock : IAsyncDisposable
{
    private readonly DbConnection connection;
    private readonly string unlock;

    private SessionLock(DbConnection connection, string unlock) => (this.connection, this.unlock) = (connection, unlock);

    public static async Task<IAsyncDisposable?> Take(DbConnection connection, string wait, string unlock, CancellationToken ct)
    {
        await connection.OpenAsync(ct);
        await Run(connection, wait, ct);
        return new SessionLock(connection, unlock);
    }

    /// <summary>The lock if nobody has it, without waiting for it: whoever waits within a statement holds up what waits for all statements.</summary>
    public static async Task<IAsyncDisposable?> Try(DbConnection connection, string attempt, string unlock, CancellationToken ct)
    {
        await connection.OpenAsync(ct);
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = attempt;
            if (Convert.ToInt64(await command.ExecuteScalarAsync(ct), System.Globalization.CultureInfo.InvariantCulture) == 1) return new SessionLock(connection, unlock);
        }
        await connection.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await using (connection) await Run(connection, unlock, default);
    }

    private static async Task Run(DbConnection connection, string text, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        // Another host may be at a long migration.
        (command.CommandText, command.CommandTimeout) = (text, 3600);
        await command.ExecuteNonQueryAsync(ct);
    }
}
