using System.Data.Common;

namespace KuaipuCrm.Platform.Data;

/// <summary>A transaction for writing, from its turn to its end. Disposed without having been committed it is taken back.</summary>
public abstract class Writing : IAsyncDisposable
{
    public abstract DbConnection Connection { get; }
    public abstract DbTransaction Transaction { get; }

    /// <summary>Done where it comes to nothing, before anyone else has the turn.</summary>
    public Action? Undone { get; set; }

    /// <summary>When it returns, all is on disk. Nothing may be written after the call.</summary>
    public abstract Task Commit(CancellationToken ct);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A transaction of its own, on a connection of its own.</summary>
internal sealed class SingleWriting(IDisposable? turn, DbConnection connection, DbTransaction transaction) : Writing
{
    private bool committed, ended;

    public override DbConnection Connection => connection;
    public override DbTransaction Transaction => transaction;

    public static async Task<Writing> Begin(Engine engine, CancellationToken ct)
    {
        var turn = await engine.EnterWrite(ct);
        DbConnection? connection = null;
        try
        {
            connection = engine.Create(write: true);
            await connection.OpenAsync(ct);
            return new SingleWriting(turn, connection, await engine.Begin(connection, ct));
        }
        catch
        {
            if (connection is not null) await connection.DisposeAsync();
            turn?.Dispose();
            throw;
        }
    }

    public override async Task Commit(CancellationToken ct)
    {
        await transaction.CommitAsync(ct);
        committed = true;
    }

    public override async ValueTask DisposeAsync()
    {
        // Npgsql hands its transactions out again: a second end would be somebody else's.
        if (ended) return;
        ended = true;
        try
        {
            if (!committed) Undone?.Invoke();
            await transaction.DisposeAsync();
        }
        finally
        {
            await connection.DisposeAsync();
            turn?.Dispose();
        }
    }
}
