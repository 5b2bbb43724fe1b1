using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Relations;

/// <summary>A customer in its tree (CUS-5).</summary>
/// <param name="Id">0 for one above that the user may not see.</param>
/// <param name="Depth">0 for the top.</param>
public sealed record TreeLine(long Id, string? Name, string? Owner, string? Status, int Depth);

/// <summary>The whole tree a customer stands in, from the top: what the user may see of it, parents before children.</summary>
/// <param name="More">There are more than are told.</param>
public sealed record CustomerTree(IReadOnlyList<TreeLine> Lines, bool More);

/// <summary>Where a customer stands: above it its parents, below them their children.</summary>
[Action("客户的上下级", "customers.customers.read", Route = "customers/{customerId}/tree", Help = "客户所在的整棵上下级树，从最上级起，只含可见的客户，最多 500 个；看不到的上级编号为 0。")]
public sealed record GetCustomerTree([Label("客户")] long CustomerId) : IQuery<CustomerTree>;

internal sealed class CustomerTreeHandler(IDb db, IScope scope, IDocuments<Customer> customers, IOrganization organization, IDictionaries dictionaries) : IQueryHandler<GetCustomerTree, CustomerTree>
{
    private const int Most = 500, Deepest = 50;

    public async Task<CustomerTree> Handle(GetCustomerTree query, CancellationToken ct)
    {
        await customers.Get(query.CustomerId, ct);
        var path = new List<long> { query.CustomerId };
        while (path.Count < Deepest && await db.First<long?>($"select c.parent_id from customers.customer c where c.id = {path[^1]} and {scope.All("customer", "the tree is whole; names are told of what may be seen")}", ct) is { } parent && !path.Contains(parent)) path.Add(parent);
        var seen = (await db.Query<Row>($"select c.id, c.parent_id, c.name, c.owner_id, c.status from customers.customer c where {db.Dialect.In(Sql.Trusted("c.id"), path)} and c.deleted_at is null and {scope.Of("customer", "c")}", ct)).ToDictionary(r => r.Id);
        // Level by level: as many statements as the tree is deep, not as it is large.
        var children = new Dictionary<long, List<Row>>();
        var (count, more) = (0, false);
        for (List<long> level = [path[^1]]; level.Count > 0 && !more;)
        {
            var rows = (await db.Query<Row>($"""
                select c.id, c.parent_id, c.name, c.owner_id, c.status from customers.customer c
                where {db.Dialect.In(Sql.Trusted("c.parent_id"), level)} and c.deleted_at is null and {scope.Of("customer", "c")} order by c.name, c.id {db.Dialect.Page(Most + 1)}
                """, ct)).ToList();
            // What lies between two that are seen is walked through without its name.
            var hidden = path.Where(id => !seen.ContainsKey(id) && path.IndexOf(id) is var at && at + 1 < path.Count && level.Contains(path[at + 1])).Select(id => new Row(id, path[path.IndexOf(id) + 1], null, null, null));
            rows.AddRange(hidden);
            more = (count += rows.Count) > Most;
            foreach (var row in rows) (children.TryGetValue(row.ParentId!.Value, out var list) ? list : children[row.ParentId.Value] = []).Add(row);
            level = [.. rows.Select(r => r.Id).Where(id => !children.ContainsKey(id))];
        }
        var lines = new List<TreeLine>();
        Add(seen.GetValueOrDefault(path[^1]) ?? new Row(path[^1], null, null, null, null), 0);
        return new([.. lines.Take(Most)], more);

        void Add(Row row, int depth)
        {
            if (depth >= Deepest || lines.Count > Most) return;
            lines.Add(row.Name is null ? new(0, null, null, null, depth) : new(row.Id, row.Name, row.OwnerId is { } o ? organization.Person(o)?.Name : null, row.Status is { } s ? dictionaries.Label("customer.status", s) : null, depth));
            foreach (var child in children.GetValueOrDefault(row.Id) ?? []) Add(child, depth + 1);
        }
    }

    private sealed record Row(long Id, long? ParentId, string? Name, long? OwnerId, string? Status);
}
