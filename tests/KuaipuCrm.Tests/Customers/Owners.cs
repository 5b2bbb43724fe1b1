using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Jobs;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Tests.Customers;

/// <summary>Sales people, pools and open customers, for the tests about who owns a customer.</summary>
internal static class Owners
{
    // As a parameter: on SQLite whatever looks like a table of the module is renamed in the text.
    private const string Job = "customers.release";
    public const string Root = "/api/customers", List = Root + "/customers";
    public static readonly string[] Seller = [.. Employee.Sales, "customers.open.read", "customers.lock.request", "customers.lock.release", "customers.lock.protect", "customers.pools.read"];
    public static readonly string[] Manager = [.. Seller, "customers.customers.assign", "customers.customers.batch", "customers.lock.review"];

    /// <summary>A pool that only these people see.</summary>
    public static async Task<long> Pool(this Crm crm, IEnumerable<Employee> members, string? review = null, Employee? manager = null, object? more = null)
    {
        var values = new Dictionary<string, object?> { ["name"] = Crm.Name("公海"), ["everyone"] = false, ["review"] = review };
        foreach (var p in more?.GetType().GetProperties() ?? []) values[p.Name] = p.GetValue(more);
        var id = await crm.Admin.Create(Root + "/pools", values);
        var all = members.Select(m => new { userId = m.Id, manager = false }).Concat(manager is null ? [] : [new { userId = manager.Id, manager = true }]);
        (await crm.Admin.Post($"{Root}/pools/{id}/setting", new { members = all, departments = Array.Empty<long>(), regions = Array.Empty<string>(), types = Array.Empty<string>() })).Ok();
        return id;
    }

    /// <summary>A customer nobody owns.</summary>
    public static Task<long> Open(this Crm crm, long pool, string? name = null) => crm.Admin.Customer(Crm.Name(name ?? "开放客户"), new { poolId = pool, phone = "0755-26888888", email = "info@open.cn", website = "https://www.open.cn/about" });

    public static Task<Answer> Ask(this Employee who, params long[] ids) => who.Post(List + "/request-lock", new { ids, reason = "有意向" });

    public static Task<Answer> Limit(this Crm crm, Employee who, int? held, int? kept = null, int? daily = null) => crm.Admin.Post(Root + "/lock-quotas", new { userId = who.Id, held, @protected = kept, dailyLocks = daily });

    public static async Task<long?> OwnerOf(this Crm crm, long customer) => await crm.Db.First<long?>($"select c.owner_id from customers.customer c where c.id = {customer} and {Guard}");

    /// <summary>Those of the customers that nobody owns.</summary>
    public static async Task<IReadOnlyList<long>> Open(this Crm crm, IEnumerable<long> customers) => await crm.Db.Query<long>($"select c.id from customers.customer c where c.owner_id is null and {crm.Db.Dialect.In(Sql.Trusted("c.id"), [.. customers])} and {Guard}");

    public static async Task<long> Held(this Crm crm, Employee who) => await crm.Db.First<long>($"select count(*) from customers.customer c where c.owner_id = {who.Id} and c.deleted_at is null and {Guard}");

    /// <summary>As if it had been locked and contacted last at these moments.</summary>
    public static async Task Idle(this Crm crm, long customer, DateTime lockedAt, DateTime? contactedAt = null)
    {
        var (db, since) = (crm.Db, contactedAt > lockedAt ? contactedAt : lockedAt);
        await db.Unit(() => db.Execute($"update customers.customer set locked_at = {lockedAt}, last_contact_at = {contactedAt}, idle_since = {since}, updated_at = {lockedAt} where id = {customer} and {Guard}"));
    }

    public static async Task<long> Rule(this Crm crm, string name, int days, int notice = 0, bool enabled = true, object? conditions = null, string @base = "contact", int sort = 10, long? toPoolId = null) =>
        (await (await crm.Administrator()).Post(Root + "/release-rules", new { id = 0, version = 0, name, enabled, sort, @base, days, noticeDays = notice, toPoolId, conditions = conditions ?? new { } })).Ok().Json.GetInt64();

    /// <summary>Signed in anew, as sessions end when the clock is moved.</summary>
    public static Task<Employee> Administrator(this Crm crm) => crm.As(crm.Admin.Id, "admin", "系统管理员");

    public static Task<Employee> Again(this Employee who) => who.Crm.As(who.Id, who.Login, who.Name);

    /// <summary>Runs the job of release as its clock would.</summary>
    public static async Task<string?> Release(this Crm crm, CancellationToken ct = default)
    {
        var db = crm.Db;
        await db.Unit(() => db.Execute($"insert into platform.job (name, paused, state) select {Job}, {false}, 'never' where not exists (select 1 from platform.job where name = {Job})", ct), ct);
        await crm.Services.GetRequiredService<JobRunner>().Run(Job, true, ct);
        var result = await db.First<string>($"select result from platform.job where name = {Job}", CancellationToken.None);
        if (!ct.IsCancellationRequested && await db.First<string>($"select state from platform.job where name = {Job}", CancellationToken.None) != "done") throw new InvalidOperationException($"The job has not run: {result}");
        return result;
    }

    public static IEnumerable<string> Said(Answer messages) => messages.Ok().Json.EnumerateArray().Select(m => m.GetProperty("text").GetString()!);

    public static JsonElement Only(this Answer answer) => answer.Ok().Json.EnumerateArray().Single();

    public static Sql Guard { get; } = Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}1 = 1");
}
