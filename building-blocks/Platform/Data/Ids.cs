using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Data;

/// <summary>Hands out ids from blocks drawn from the database (HiLo): unique over all hosts, without a round trip for each.</summary>
public sealed class IdBlocks(Engine engine)
{
    private const int Block = 1000;
    private readonly Lock sync = new();
    private readonly SemaphoreSlim drawing = new(1, 1);
    private long next, end;

    internal bool TryTake(int count, out long first)
    {
        lock (sync)
        {
            first = next;
            if (next + count > end || end == 0) return false;
            next += count;
            return true;
        }
    }

    internal async Task<long> Draw(int count, Db db)
    {
        var size = Math.Max(Block, count);
        if (engine.Name == "sqlite" && db.InUnit)
        {
            // The one writer is this unit: a second transaction would wait for it for ever. If it rolls back, the block is void.
            var last = await db.Draw("id", size, default);
            db.OnRollback(() => { lock (sync) next = end = 0; });
            return Begin(last, size, count);
        }
        using var gate = db.InUnit ? null : await engine.EnterWrite(default);
        // One draws for all who found the block empty; with the gate in hand, as whoever waits for that must hold up nobody.
        await drawing.WaitAsync();
        try
        {
            if (TryTake(count, out var first)) return first;
            await using var c = engine.Create(write: true);
            await c.OpenAsync();
            return Begin(await engine.Draw(c, null, "id", size, default), size, count);
        }
        finally
        {
            drawing.Release();
        }
    }

    private long Begin(long last, int size, int count)
    {
        lock (sync)
        {
            (next, end) = (last - size + 1 + count, last + 1);
            return last - size + 1;
        }
    }
}

internal sealed class Ids(IdBlocks blocks, Db db) : IIds
{
    public long Next() => Next(1);

    // Beside whatever waits here: it would wait for itself where its continuations have a thread of their own. SQLite's unit asks on the spot, and nothing in it waits.
    public long Next(int count) => blocks.TryTake(count, out var first) ? first
        : db is { InUnit: true, Engine: SqliteEngine } ? blocks.Draw(count, db).GetAwaiter().GetResult()
        : Task.Run(() => blocks.Draw(count, db)).GetAwaiter().GetResult();
}
