using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Data;

/// <summary>Hands out ids from blocks drawn from the database (HiLo): unique over all hosts, without a round trip for each.</summary>
public sealed class IdBlocks(Engine engine)
{
    private const int Block = 1000;
    private readonly Lock sync = new();
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
        long last;
        if (engine.Name == "sqlite" && db.InUnit)
        {
            // The one writer is this unit: a second transaction would wait for it for ever. If it rolls back, the block is void.
            last = await db.Draw("id", size, default);
            db.OnRollback(() => { lock (sync) next = end = 0; });
        }
        else
        {
            using var gate = db.InUnit ? null : await engine.EnterWrite(default);
            await using var c = engine.Create(write: true);
            await c.OpenAsync();
            last = await engine.Draw(c, null, "id", size, default);
        }
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

    public long Next(int count) => blocks.TryTake(count, out var first) ? first : blocks.Draw(count, db).GetAwaiter().GetResult();
}
