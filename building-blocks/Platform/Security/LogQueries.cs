using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Security;

/// <summary>Reads the logs, newest first, page by page from the last entry seen.</summary>
internal sealed class LogQueries(Db db, Caches caches, ICurrentUser me) : IQueryHandler<ListLog, IReadOnlyList<LogEntry>>
{
    public async Task<IReadOnlyList<LogEntry>> Handle(ListLog q, CancellationToken ct)
    {
        if (q.Kind is not ("signin" or "operation" or "audit")) throw new Invalid("kind", "没有这种日志。");
        var zone = Zones.Find(caches.Company.TimeZone);
        DateTime Utc(DateOnly day) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(TimeOnly.MinValue), zone);
        var (from, to, before) = (q.From is { } f ? Utc(f) : DateTime.MinValue, q.To is { } t && t < DateOnly.MaxValue ? Utc(t.AddDays(1)) : DateTime.MaxValue, q.BeforeId ?? long.MaxValue);
        var text = q.Text?.Trim() ?? "";
        var rows = await db.Query<Row>($"""
            select l.id, l.at, l.user_id, l.seen_by, l.login, l.address, l.label, l.result, l.details from platform.log l
            where l.kind = {q.Kind} and l.id < {before}
            {Sql.When(q.From is not null, $"and l.at >= {from}")} {Sql.When(q.To is not null, $"and l.at < {to}")}
            {Sql.When(q.UserId is not null, $"and l.user_id = {q.UserId}")} {Sql.When(!string.IsNullOrEmpty(q.Result), $"and l.result = {q.Result}")}
            {Sql.When(text.Length > 0, $"and ({db.Dialect.Contains(Sql.Trusted("l.label"), text)} or {db.Dialect.Contains(Sql.Trusted("l.login"), text)} or {db.Dialect.Contains(Sql.Trusted("l.address"), text)})")}
            order by l.id desc {db.Dialect.Page(Math.Clamp(q.Take, 1, 1000))}
            """, ct);
        var named = await Names([.. rows.SelectMany(r => Objects.Marked(r.Details)).Distinct()], ct);
        return [.. rows.Select(r => new LogEntry(r.Id, r.At, Who(r.UserId), r.SeenBy is { } by ? Who(by) : null, r.Login, r.Address, r.Label, r.Result) { Details = r.Details is null ? null : Objects.Named(Texts.Retell(r.Details), id => named.GetValueOrDefault(id)) })];
    }

    /// <summary>Who may do everything reads titles; others who read the log, numbers: the log opens no record to them.</summary>
    private async Task<Dictionary<long, string>> Names(IReadOnlyCollection<long> ids, CancellationToken ct)
    {
        var organization = caches.Organization;
        var named = new Dictionary<long, string>();
        // Those in the bin, too: that they went there is what the line says.
        foreach (var e in ids.Count == 0 ? [] : await db.Query<Entry>($"select id, number, title from platform.document where {db.Dialect.In(Sql.Trusted("id"), ids)}", ct))
            named[e.Id] = me.May(Permissions.Everything) ? $"{e.Number} {e.Title}".Trim() : e.Number;
        foreach (var id in ids)
            if ((organization.Person(id)?.Name ?? organization.Departments.FirstOrDefault(d => d.Id == id)?.Name ?? organization.Roles.FirstOrDefault(r => r.Id == id)?.Name) is { } name) named[id] = name;
        return named;
    }

    private string Who(long? id) => id is { } known and not 0 ? caches.Organization.Person(known)?.Name ?? $"#{known}" : id == 0 ? L("系统") : "";

    private sealed record Entry(long Id, string Number, string Title);

    private sealed record Row(long Id, DateTime At, long? UserId, long? SeenBy, string? Login, string Address, string Label, string Result, string? Details);
}
