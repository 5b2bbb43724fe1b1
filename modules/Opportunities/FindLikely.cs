using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities;

/// <summary>Asked while a new opportunity is filled in: what is under way with the customer already, or bears the name, as far as the user may see it.</summary>
[Action("商机查重", "opportunities.opportunities.read")]
public sealed record FindLikely(string? Name, long? CustomerId, long? Except) : IQuery<IReadOnlyList<string>>;

internal sealed class FindLikelyHandler(IDb db, IScope scope, IOrganization organization) : IQueryHandler<FindLikely, IReadOnlyList<string>>
{
    public async Task<IReadOnlyList<string>> Handle(FindLikely query, CancellationToken ct)
    {
        var name = query.Name?.Trim() is { Length: > 1 } n ? n : "";
        if (name.Length == 0 && query.CustomerId is null) return [];
        return [.. (await db.Query<Row>($"""
            select o.name, o.number, o.owner_id, o.status from opportunities.opportunity o
            where (o.name = {name} or (o.customer_id = {query.CustomerId ?? 0} and o.status in ('draft', 'running', 'paused'))) and o.id <> {query.Except ?? 0} and o.deleted_at is null and {scope.Of("opportunity", "o")}
            order by o.id desc {db.Dialect.Page(5)}
            """, ct)).Select(r => $"{r.Number} {r.Name}（{Opportunity.States.First(s => s.Code == r.Status).Label}，负责人：{(r.OwnerId is { } o ? organization.Person(o)?.Name : null) ?? "无"}）")];
    }

    private sealed record Row(string Name, string Number, long? OwnerId, string Status);
}
