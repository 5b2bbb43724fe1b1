using KuaipuCrm.Published.Opportunities;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Events;

internal sealed class OpportunitiesInBriefHandler(IDb db, IScope scope) : IQueryHandler<OpportunitiesInBrief, IReadOnlyList<OpportunityBrief>>
{
    public Task<IReadOnlyList<OpportunityBrief>> Handle(OpportunitiesInBrief query, CancellationToken ct) => query.Ids.Count == 0 ? Task.FromResult<IReadOnlyList<OpportunityBrief>>([])
        : db.Query<OpportunityBrief>($"""
            select o.id, o.name, o.customer_id, o.contact_id, o.owner_id, o.status from opportunities.opportunity o
            where {db.Dialect.In(Sql.Trusted("o.id"), [.. query.Ids.Take(10_000)])} and o.deleted_at is null and {scope.All("opportunity", "another module's question, shown to nobody who may not see it")}
            """, ct);
}
