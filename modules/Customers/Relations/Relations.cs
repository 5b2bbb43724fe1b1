using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Relations;

/// <summary>A related customer (关联客户, CUS-5).</summary>
/// <param name="Relation">What it is to this customer; code of the dictionary <c>customer.relation</c>.</param>
/// <param name="Opposite">What this customer is to it.</param>
public sealed record RelatedCustomer(long Id, string Name, string? Owner, string Relation, string? Opposite, string? Remarks);

/// <summary>The customers related to one, as far as the user may see them.</summary>
[Action("关联客户", "customers.customers.read", Route = "customers/{customerId}/relations", Help = "与一个客户有关联的客户，以及双方互为何种关系。")]
public sealed record ListRelations([Label("客户")] long CustomerId) : IQuery<IReadOnlyList<RelatedCustomer>>;

/// <summary>Relates two customers, or says anew how they are related; both directions.</summary>
/// <param name="Opposite">None: what follows from <paramref name="Relation"/>, e.g. 子公司 from 母公司.</param>
[Action("设置关联客户", "customers.customers.update", Route = "customers/{customerId}/relations/{otherId}", Help = "设置两个客户之间的关系，两个方向一起；不给 opposite 时按 relation 推出。", Example = "{\"relation\":\"partner\",\"opposite\":null,\"remarks\":null}")]
public sealed record SetRelation([Label("客户")] long CustomerId, [Label("对方客户", Of = "customer")] long OtherId, [Label("对方是本客户的", Dictionary = "customer.relation"), Required] string Relation,
    [Label("本客户是对方的", Dictionary = "customer.relation")] string? Opposite = null, [Label("说明"), MaxLength(200)] string? Remarks = null) : ICommand<Done>;

/// <summary>Ends the relation of two customers, both directions.</summary>
[Action("取消关联客户", "customers.customers.update", Route = "customers/{customerId}/relations/{otherId}/remove", Help = "取消两个客户之间的关系，两份资料都保留。")]
public sealed record RemoveRelation([Label("客户")] long CustomerId, [Label("对方客户")] long OtherId) : ICommand<Done>;

internal sealed class RelationHandlers(IDb db, IScope scope, IDocuments<Customer> customers, IDictionaries dictionaries, IOrganization organization, IHistory history, ICurrentUser me, TimeProvider clock)
    : IQueryHandler<ListRelations, IReadOnlyList<RelatedCustomer>>, ICommandHandler<SetRelation, Done>, ICommandHandler<RemoveRelation, Done>
{
    public const string Competitor = "competitor", Contested = "contested";
    private const string Dictionary = "customer.relation";

    /// <summary>What the other direction is called where it isn't called the same.</summary>
    private static readonly Dictionary<string, string> Opposites = new[] { ("parent", "subsidiary"), ("headquarters", "branch"), ("general-contractor", "subcontractor"), ("supplier", "buyer"), (Competitor, Contested), ("introducer", "introduced") }
        .SelectMany(p => new[] { p, (p.Item2, p.Item1) }).ToDictionary(p => p.Item1, p => p.Item2);

    public async Task<IReadOnlyList<RelatedCustomer>> Handle(ListRelations query, CancellationToken ct)
    {
        await customers.Get(query.CustomerId, ct);
        return [.. (await db.Query<Row>($"""
            select c.id, c.name, c.owner_id, r.relation, o.relation as opposite, r.remarks from customers.relation r
            join customers.customer c on c.id = r.other_id left join customers.relation o on o.customer_id = r.other_id and o.other_id = r.customer_id
            where r.customer_id = {query.CustomerId} and c.deleted_at is null and {scope.Of("customer", "c")} order by r.created_at desc, c.id desc {db.Dialect.Page(500)}
            """, ct)).Select(r => new RelatedCustomer(r.Id, r.Name, r.OwnerId is { } o ? organization.Person(o)?.Name : null, r.Relation, r.Opposite, r.Remarks))];
    }

    public async Task<Done> Handle(SetRelation command, CancellationToken ct)
    {
        var (customer, other) = (await customers.GetToChange(command.CustomerId, ct), await customers.Get(command.OtherId, ct));
        if (customer.Id == other.Id) throw new Invalid("otherId", "客户不能与自己关联。");
        var opposite = string.IsNullOrEmpty(command.Opposite) ? Opposites.GetValueOrDefault(command.Relation, command.Relation) : command.Opposite;
        foreach (var (field, code) in new[] { ("relation", command.Relation), ("opposite", opposite) })
            if (dictionaries.Find(Dictionary)?.Entries.Any(e => e.Code == code && !e.Disabled) != true) throw new Invalid(field, $"“{(code.Length > 40 ? code[..40] : code)}”不在字典“客户关系”中。");
        await Put(customer, other, command.Relation, command.Remarks, ct);
        await Put(other, customer, opposite, command.Remarks, ct);
        return default;
    }

    public async Task<Done> Handle(RemoveRelation command, CancellationToken ct)
    {
        var (customer, other) = (await customers.GetToChange(command.CustomerId, ct), await customers.Get(command.OtherId, ct));
        foreach (var (a, b) in new[] { (customer, other), (other, customer) })
            if (await db.First<string>($"select relation from customers.relation where customer_id = {a.Id} and other_id = {b.Id}", ct) is { } was)
            {
                await db.Execute($"delete from customers.relation where customer_id = {a.Id} and other_id = {b.Id}", ct);
                await history.Write(a.Id, "update", [("关联客户", $"{b.Name}：{dictionaries.Label(Dictionary, was)}", null)], ct);
            }
        return default;
    }

    private async Task Put(Customer customer, Customer other, string relation, string? remarks, CancellationToken ct)
    {
        var was = await db.First<string>($"select relation from customers.relation where customer_id = {customer.Id} and other_id = {other.Id}", ct);
        if (was is null) await db.Insert("customers.relation", ["customer_id", "other_id", "relation", "remarks", "created_by", "created_at"], [[customer.Id, other.Id, relation, remarks, me.Id, clock.GetUtcNow().UtcDateTime]], ct);
        else await db.Execute($"update customers.relation set relation = {relation}, remarks = {remarks} where customer_id = {customer.Id} and other_id = {other.Id}", ct);
        if (was != relation) await history.Write(customer.Id, "update", [("关联客户", was is null ? null : $"{other.Name}：{dictionaries.Label(Dictionary, was)}", $"{other.Name}：{dictionaries.Label(Dictionary, relation)}")], ct);
    }

    private sealed record Row(long Id, string Name, long? OwnerId, string Relation, string? Opposite, string? Remarks);
}
