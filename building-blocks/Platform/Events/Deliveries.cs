using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Events;

/// <summary>Lets administrators see what is not handled, and why, and send it again or give it up.</summary>
internal sealed class Deliveries(Db db, EventCatalog events, ModuleCatalog catalog, DocumentTypes types, Signal signal, TimeProvider clock)
    : IQueryHandler<ListDeliveries, IReadOnlyList<Delivery>>, ICommandHandler<ReplayDeliveries, int>, ICommandHandler<DropDeliveries, int>
{
    public async Task<IReadOnlyList<Delivery>> Handle(ListDeliveries query, CancellationToken ct)
    {
        if (query.State is not (null or "" or "parked" or "waiting")) throw new Invalid("state", "没有这种状态。");
        var (after, parked) = (query.AfterId ?? 0, query.State == "parked");
        var rows = await db.Query<Row>($"""
            select d.event_id, d.handler, d.document_id, d.attempts, d.next_at, d.error, e.type, e.at, n.title, n.type_id,
                (select count(*) from platform.delivery b where b.handler = d.handler and b.document_id = d.document_id and b.event_id < d.event_id) as earlier
            from platform.delivery d join platform.event e on e.id = d.event_id left join platform.document n on n.id = d.document_id
            where d.event_id > {after} {Sql.When(parked, $"and d.next_at = {Dispatcher.Parked}")} {Sql.When(query.State == "waiting", $"and d.next_at < {Dispatcher.Parked}")}
            order by d.event_id, d.handler {db.Dialect.Page(Math.Clamp(query.Take, 1, 500))}
            """, ct);
        return [.. rows.Select(r =>
        {
            var d = r.TypeId is { } t && types.Name(t) is { } name ? catalog.FindDocument(name) : null;
            var rests = r.NextAt.Year >= 9999;
            return new Delivery(r.EventId, Short(r.Handler), events.Handler(r.Handler) is { } h ? catalog.Modules.FirstOrDefault(m => m.Assembly == h.Assembly)?.Name ?? "平台" : "未安装", Short(r.Type), r.DocumentId, r.Title, d is null ? null : $"{d.Path}/{r.DocumentId}",
                r.At, (int)r.Attempts, rests ? null : r.NextAt, rests ? "parked" : r.Earlier > 0 ? "blocked" : "waiting", r.Error);
        })];
    }

    public async Task<int> Handle(ReplayDeliveries command, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var done = 0;
        if (command.Deliveries is null) done = await db.Execute($"update platform.delivery set attempts = 0, next_at = {now} where next_at = {Dispatcher.Parked}", ct);
        else
            foreach (var one in Each(command.Deliveries))
                done += await db.Execute($"update platform.delivery set attempts = 0, next_at = {now} where event_id = {one.EventId} and {Named(one.Handler)}", ct);
        db.OnCommit(signal.Wake);
        return done;
    }

    public async Task<int> Handle(DropDeliveries command, CancellationToken ct)
    {
        var done = 0;
        foreach (var one in Each(command.Deliveries)) done += await db.Execute($"delete from platform.delivery where event_id = {one.EventId} and {Named(one.Handler)}", ct);
        db.OnCommit(signal.Wake);
        return done;
    }

    private static IReadOnlyList<DeliveryRef> Each(IReadOnlyList<DeliveryRef> deliveries) =>
        deliveries.Count > 1000 || deliveries.Any(d => d?.Handler is null) ? throw new Invalid("deliveries", "一次最多处理 1,000 个事件，且都要写明处理程序。") : deliveries;

    /// <summary>People name a handler by its last name; it is unique for one event. No patterns: giving up can't be undone.</summary>
    private static Sql Named(string handler) => handler.All(c => char.IsLetterOrDigit(c) || c is '.' or '+') ? (Sql)$"(handler = {handler} or handler like {"%." + handler})" : $"handler = {handler}";

    private static string Short(string name) => name[(name.LastIndexOf('.') + 1)..];

    private sealed record Row(long EventId, string Handler, long DocumentId, long Attempts, DateTime NextAt, string? Error, string Type, DateTime At, string? Title, long? TypeId, long Earlier);
}
