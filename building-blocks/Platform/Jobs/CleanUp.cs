using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Jobs;

/// <summary>Removes what is kept for a time only: logs for three years, events and what webhooks got of them for a month after the last handler, sent letters for two years, sessions until they end, answers to repeated requests for a day.</summary>
internal sealed class CleanUp(Engine engine, TimeProvider clock) : IJob
{
    public static readonly TimeSpan LogsKept = TimeSpan.FromDays(3 * 366), EventsKept = TimeSpan.FromDays(30), LettersKept = TimeSpan.FromDays(2 * 366);
    private const int Chunk = 5_000;

    public async Task<string?> Run(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var (logs, events, once) = (now - LogsKept, now - EventsKept, now - Pipeline.OnceRequest.Kept);
        // In pieces, so that nobody waits long for the one writer of SQLite.
        var removed = await InPieces(page => $"delete from platform.log where id in (select l.id from platform.log l where l.at < {logs} order by l.id {page})", ct);
        removed += await InPieces(page => $"delete from platform.event where id in (select e.id from platform.event e where e.at < {events} and not exists (select 1 from platform.delivery d where d.event_id = e.id) order by e.id {page})", ct);
        var (letters, hooks) = (now - LettersKept, now - EventsKept);
        removed += await InPieces(page => $"delete from platform.outgoing where id in (select o.id from platform.outgoing o where o.at < {letters} and o.state <> 'waiting' order by o.id {page})", ct);
        removed += await InPieces(page => $"delete from platform.webhook_delivery where id in (select d.id from platform.webhook_delivery d where d.at < {hooks} and d.state <> 'waiting' order by d.at, d.id {page})", ct);
        var db = new Db(engine);
        removed += await db.Unit(async () => await db.Execute($"delete from platform.session where expires_at < {now}", ct) + await db.Execute($"delete from platform.once where at < {once}", ct), ct);
        return $"清理了 {removed:N0} 条。";
    }

    private async Task<int> InPieces(Func<Sql, Sql> delete, CancellationToken ct)
    {
        var (db, all) = (new Db(engine), 0);
        while (!ct.IsCancellationRequested)
        {
            var done = await db.Unit(() => db.Execute(delete(db.Dialect.Page(Chunk)), ct), ct);
            all += done;
            if (done < Chunk) break;
        }
        return all;
    }
}
