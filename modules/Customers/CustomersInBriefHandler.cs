using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers;

/// <summary>Answers other modules' questions about customers.</summary>
internal sealed class CustomersInBriefHandler(IDb db, IScope scope) : IQueryHandler<CustomersInBrief, IReadOnlyList<CustomerBrief>>
{
    public async Task<IReadOnlyList<CustomerBrief>> Handle(CustomersInBrief query, CancellationToken ct) => query.Ids.Count == 0 ? [] :
    [
        .. (await db.Query<Row>($"""
            select c.id, c.name, c.owner_id, c.department_id, c.customer_type, c.level, c.status, c.is_key from customers.customer c
            where {db.Dialect.In(Sql.Trusted("c.id"), [.. query.Ids])} and c.deleted_at is null and {scope.All("customer", "modules ask for their own rules; people see customers through lists")}
            """, ct)).Select(r => new CustomerBrief(r.Id, r.Name, r.OwnerId, r.DepartmentId, r.CustomerType, r.Level, r.Status, r.IsKey == true)),
    ];

    private sealed record Row(long Id, string Name, long? OwnerId, long? DepartmentId, string? CustomerType, string? Level, string? Status, bool? IsKey);
}
