using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Security;

/// <summary>Reads the logs, newest first, page by page from the last entry seen.</summary>
internal sealed class LogQueries(Db db, Caches caches) : IQueryHandler<ListLog, IReadOnlyList<LogEntry>>
{
    public async Task<IReadOnlyList<LogEntry>> Handle(ListLog q, CancellationToken ct)
    {
        if (q.Kind is not ("signin" or "operation" or "audit")) throw new Invalid("kind", "没有这种日志。");
        var zone = Zones.Find(caches.Company.TimeZone);
        DateTime Utc(DateOnly day) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(TimeOnly.MinValue), zone);
        var (from, to, before) = (q.From is { } f ? Utc(f) : DateTime.MinValue, q.To is { } t && t < DateOnly.MaxValue ? Utc(t.AddDays(1)) : DateTime.MaxValue, q.BeforeId ?? long.MaxValue);
        var text = q.Text?.Trim() ?? "";
        var rows = await db.Query<Row>($"""
            select l.id, l.at, l.user_id, l.seen_by, l.login, l.address, l.label, l.result from platform.log l
            where l.kind = {q.Kind} and l.id < {before}
            {Sql.When(q.From is not null, $"and l.at >= {from}")} {Sql.When(q.To is not null, $"and l.at < {to}")}
            {Sql.When(q.UserId is not null, $"and l.user_id = {q.UserId}")} {Sql.When(!string.IsNullOrEmpty(q.Result), $"and l.result = {q.Result}")}
            {Sql.When(text.Length > 0, $"and ({db.Dialect.Contains(Sql.Trusted("l.label"), text)} or {db.Dialect.Contains(Sql.Trusted("l.login"), text)} or {db.Dialect.Contains(Sql.Trusted("l.address"), text)})")}
            order by l.id desc {db.Dialect.Page(Math.Clamp(q.Take, 1, 1000))}
            """, ct);
        return [.. rows.Select(r => new LogEntry(r.Id, r.At, Who(r.UserId), r.SeenBy is { } by ? Who(by) : null, r.Login, r.Address, r.Label, r.Result))];
    }

    private string Who(long? id) => id is { } known and not 0 ? caches.Organization.Person(known)?.Name ?? $"#{known}" : id == 0 ? "系统" : "";

    private sealed record Row(long Id, DateTime At, long? UserId, long? SeenBy, string? Login, string Address, string Label, string Result);
}

/// <summary>Logs are kept for three years; what is older goes, a day at a time.</summary>
public sealed class LogKeeper(Engine engine, TimeProvider clock, Microsoft.Extensions.Logging.ILogger<LogKeeper> log) : Microsoft.Extensions.Hosting.BackgroundService
{
    /// <summary>How long entries of the logs are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(3 * 366);

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var before = clock.GetUtcNow().UtcDateTime - Kept;
                var db = new Db(engine);
                await db.Unit(() => db.Execute($"delete from platform.log where at < {before}", ct), ct);
                var ended = clock.GetUtcNow().UtcDateTime;
                await db.Unit(() => db.Execute($"delete from platform.session where expires_at < {ended}", ct), ct);
                await db.Unit(() => db.Execute($"delete from platform.once where at < {ended - Pipeline.OnceRequest.Kept}", ct), ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                Microsoft.Extensions.Logging.LoggerExtensions.LogWarning(log, e, "Old log entries could not be removed; trying again tomorrow");
            }
            await Task.Delay(TimeSpan.FromHours(24), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
