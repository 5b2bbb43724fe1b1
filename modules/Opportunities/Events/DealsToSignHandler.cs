using KuaipuCrm.Published.Opportunities;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Events;

internal sealed class DealsToSignHandler(IDb db, IScope scope, ICurrentUser me) : IQueryHandler<DealsToSign, IReadOnlyList<DealToSign>>
{
    private const int Most = 200;

    public async Task<IReadOnlyList<DealToSign>> Handle(DealsToSign query, CancellationToken ct) => !me.May(OpportunitiesModule.Read) ? []
        : [.. (await db.Query<DealToSign>($"""
            select o.customer_id, o.name, o.sign_date from opportunities.opportunity o
            where o.owner_id = {me.Id} and o.status = {Opportunity.Running} and o.sign_date <= {query.Until} and o.deleted_at is null and {scope.Of("opportunity", "o")} order by o.sign_date, o.id {db.Dialect.Page(Most)}
            """, ct)).DistinctBy(d => d.CustomerId)];
}
