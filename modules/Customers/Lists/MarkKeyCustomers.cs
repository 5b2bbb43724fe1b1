using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Lists;

/// <summary>Puts customers of one's own among the key customers (我的重点客户, CUS-14).</summary>
[Action("设为重点客户", "customers.customers.update", Route = "customers/key", Icon = "star", Help = "把自己的客户加入“我的重点客户”；做不到的在 problems 中说明。", Example = "{\"ids\":[1024]}")]
public sealed record MarkKeyCustomers([Label("客户")] IReadOnlyList<long> Ids) : ICommand<BatchResult>;

/// <summary>Takes them out again.</summary>
[Action("移出重点客户", "customers.customers.update", Route = "customers/unkey", Icon = "star-half-stroke", Help = "把客户移出“我的重点客户”。", Example = "{\"ids\":[1024]}")]
public sealed record UnmarkKeyCustomers([Label("客户")] IReadOnlyList<long> Ids) : ICommand<BatchResult>;

internal sealed class KeyCustomersHandler(IDb db, IDocuments<Customer> customers, IOperations operations, ICurrentUser me) : ICommandHandler<MarkKeyCustomers, BatchResult>, ICommandHandler<UnmarkKeyCustomers, BatchResult>
{
    public Task<BatchResult> Handle(MarkKeyCustomers command, CancellationToken ct) => Set(command.Ids, true, ct);

    public Task<BatchResult> Handle(UnmarkKeyCustomers command, CancellationToken ct) => Set(command.Ids, false, ct);

    /// <summary>Key is what its owner says it is: nobody marks customers of others, nor does a mark outlive its owner (<see cref="CustomerRules"/>). It is no part of what is approved.</summary>
    private async Task<BatchResult> Set(IReadOnlyList<long> ids, bool key, CancellationToken ct)
    {
        var found = (await customers.Find(Chosen.Of(ids), ct)).ToDictionary(c => c.Id);
        var problems = new List<RowProblem>();
        foreach (var id in ids.Distinct())
            if (!found.TryGetValue(id, out var customer)) problems.Add(new(id, "", "客户不存在，或您无权查看。", "id"));
            else if (customer.OwnerId != me.Id) problems.Add(new(id, customer.Name, "只能把自己的客户设为重点客户。", "ownerId"));
        var (mine, changing) = (found.Values.Count(c => c.OwnerId == me.Id), found.Values.Where(c => c.OwnerId == me.Id && c.IsKey != key).Select(c => c.Id).ToList());
        if (changing.Count == 0) return new(0, mine, problems);
        var operation = await operations.Begin("key", key ? $"设为重点客户 {changing.Count} 个" : $"移出重点客户 {changing.Count} 个", "customer", changing.Count, ct);
        using (operations.Within(operation))
            await customers.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), changing)} and t.owner_id = {me.Id}", "the user's own customers, as the condition says", c => c.Now.IsKey = key, ct);
        await operations.End(operation, changing.Count, problems, null, ct);
        return new(operation, mine, problems);
    }
}
