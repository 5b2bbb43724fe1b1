using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Pool;

/// <summary>Shows the contact data of an open customer to a member of its pool, so many a day (CUS-9); each first look of a day is in the customer's history.</summary>
[Action("查看联系方式", Permission, Route = "customers/{customerId}/contact-data", Help = "查看一个开放客户的电话、邮箱和联系人；每人每天有数量限制，并记入历史。")]
public sealed record RevealContact(long CustomerId) : ICommand<ContactData>
{
    public const string Permission = "customers.open.read";
}

/// <param name="Left">How many more one may look at today; null for any number.</param>
public sealed record ContactData(string? Phone, string? Email, string? Website, IReadOnlyList<ContactLine> People, long? Left);

public sealed record ContactLine(string Name, string? Post, string? Mobile, string? Phone);

internal sealed class RevealContactHandler(IDb db, IScope scope, ICurrentUser me, IHistory history, LockDesk desk, LockRulesInForce rules, LockQuota quota, Pools pools) : ICommandHandler<RevealContact, ContactData>
{
    private const string Why = "a member of the pool looks at an open customer, within the limit of the day";

    public async Task<ContactData> Handle(RevealContact command, CancellationToken ct)
    {
        var customer = (await desk.Seen([command.CustomerId], ct)).FirstOrDefault() ?? throw new NotFound("开放的客户");
        await quota.Hold([me.Id], ct);
        var today = quota.Today;
        var (pool, all) = (await pools.Find(customer.PoolId, ct), await rules.Get(ct));
        var seen = await db.First<long>($"select count(*) from customers.contact_view v where v.user_id = {me.Id} and v.day = {today} and v.customer_id = {customer.Id}", ct) > 0;
        var used = await db.First<long>($"select count(*) from customers.contact_view v where v.user_id = {me.Id} and v.day = {today}", ct);
        var here = pool?.DailyViews is null ? 0 : await db.First<long>($"""
            select count(*) from customers.contact_view v join customers.customer c on c.id = v.customer_id
            where v.user_id = {me.Id} and v.day = {today} and c.pool_id = {pool.Id} and {scope.All("customer", Why)}
            """, ct);
        long? left = (all.DailyViews, pool?.DailyViews) switch
        {
            (null, null) => null,
            ({ } most, null) => most - used,
            (null, { } own) => own - here,
            ({ } most, { } own) => Math.Min(most - used, own - here),
        };
        if (!seen)
        {
            if (left <= 0) throw new RuleBroken("今天查看开放客户联系方式的次数已用完，请明天再看，或申请锁定需要的客户。");
            await db.Insert("customers.contact_view", ["user_id", "customer_id", "day"], [[me.Id, customer.Id, today]], ct);
            await history.Write(customer.Id, "unmask", [], ct);
            left--;
        }
        var row = (await db.First<Row>($"select c.phone, c.email, c.website from customers.customer c where c.id = {customer.Id} and {scope.All("customer", Why)}", ct))!;
        var people = await db.Query<ContactLine>($"""
            select k.name, k.post, k.mobile, k.phone from customers.contact k join customers.contact_tie t on t.contact_id = k.id
            where t.customer_id = {customer.Id} and k.owner_id is null and k.deleted_at is null and {scope.All("contact", Why)} order by k.id {db.Dialect.Page(20)}
            """, ct);
        return new(row.Phone, row.Email, row.Website, people, left);
    }

    private sealed record Row(string? Phone, string? Email, string? Website);
}
