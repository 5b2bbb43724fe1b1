using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Published.Customers;
using KuaipuCrm.Published.Tracking;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Events;
using KuaipuCrm.Tests.Opportunities;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static KuaipuCrm.Tests.Customers.Owners;

namespace KuaipuCrm.Tests.Customers;

/// <summary>How customers lose their owners: by hand, by rule, foreseen, warned of, logged (CUS-12, CUS-16, SET-8).</summary>
public class Releasing
{
    [Theory, OnEveryEngine, Trait("req", "CUS-12")]
    public async Task The_owner_or_a_superior_releases_with_a_reason_and_contacts_go_along(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("部门");
        var boss = await crm.Hire(department, await crm.Role(Manager, ScopeKind.OwnAndSubordinates));
        var role = await crm.Role(Seller);
        var (li, wang) = (await crm.Hire(department, role, boss.Id), await crm.Hire(department, await crm.Role(Seller, ScopeKind.Department)));
        var pool = await crm.Pool([li, boss]);
        var (first, second) = (await li.Customer(Crm.Name("甲方")), await li.Customer(Crm.Name("乙方")));
        var person = await li.Contact(Crm.Name("张三"), new { employerId = first, mobile = "13800138000" });
        // A colleague sees the department's customers and does not take them.
        (await wang.Post(List + "/release", new { ids = new[] { first }, reason = "抢" })).Refused(422);
        (await li.Post(List + "/release", new { ids = new[] { first }, reason = "暂无需求", poolId = pool })).Ok();
        Assert.Null(await crm.OwnerOf(first));
        Assert.Contains(first, await boss.List($"{List}?view=open&poolId={pool}"));
        // Whoever gave it back sees neither it nor its people as a customer of one's own any more.
        (await li.Get($"{Root}/contacts/{person}")).Refused(404);
        Assert.Contains("13800138000", (await li.Post($"{List}/{first}/contact-data", new { })).Ok().Text);
        (await boss.Post(List + "/release", new { ids = new[] { second }, reason = "重新分配" })).Ok();
        var log = (await boss.Get(Root + "/release-log")).Ok().Json.EnumerateArray().Where(e => e.GetProperty("customerId").GetInt64() == first || e.GetProperty("customerId").GetInt64() == second).ToList();
        Assert.Equal([("重新分配", boss.Name), ("暂无需求", li.Name)], log.Select(e => (e.GetProperty("reason").GetString(), e.GetProperty("by").GetString())));
        Assert.All(log, e => Assert.Equal(li.Name, e.GetProperty("from").GetString()));
        Assert.DoesNotContain((await wang.Get(Root + "/release-log")).Ok().Json.EnumerateArray(), e => e.GetProperty("customerId").GetInt64() == first);
        // Whoever locks it gets its people with it, and their numbers in full.
        (await boss.Post(List + "/request-lock", new { ids = new[] { first }, reason = "有意向" })).Ok();
        var mine = await boss.View("contacts", person);
        Assert.Equal((boss.Id, "13800138000"), (mine.GetProperty("ownerId").GetInt64(), mine.GetProperty("mobile").GetString()));
        // What was done can be undone: the customer and its people are back.
        var third = (await li.Post(List + "/release", new { ids = new[] { await li.Customer(Crm.Name("丙方")) }, reason = "误操作" })).Ok().Json.GetProperty("operationId").GetInt64();
        Assert.Equal(1, (await crm.Admin.Post($"/api/platform/operations/{third}/undo", new { })).Ok().Json.GetProperty("done").GetInt32());
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-9"), Trait("req", "CUS-12"), Trait("req", "SET-8")]
    public async Task A_release_goes_to_the_matching_pool_or_the_chosen_one_and_a_rule_takes_one_source_by_its_last_opportunity(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var south = await crm.Admin.Create(Root + "/pools", new { name = "华南公海", sort = 1 });
        (await crm.Admin.Post($"{Root}/pools/{south}/setting", new { members = Array.Empty<object>(), departments = Array.Empty<long>(), regions = new[] { "440000" }, types = Array.Empty<string>() })).Ok();
        var agents = await crm.Admin.Create(Root + "/pools", new { name = "代理公海", sort = 0 });
        (await crm.Admin.Post($"{Root}/pools/{agents}/setting", new { members = Array.Empty<object>(), departments = Array.Empty<long>(), regions = Array.Empty<string>(), types = new[] { "agent" } })).Ok();
        var li = await crm.Hire(Seller);
        async Task<long> Released(object more, long? poolId = null)
        {
            var id = await li.Customer(Crm.Name("客户"), more);
            (await li.Post(List + "/release", new { ids = new[] { id }, reason = "解锁", poolId })).Ok();
            return (await li.View("customers", id)).GetProperty("poolId").GetInt64();
        }
        Assert.Equal(south, await Released(new { region = "440300" }));
        Assert.Equal(agents, await Released(new { region = "440300", customerType = "agent" }));
        Assert.Equal(south, await Released(new { region = "110000" }, south));
        Assert.NotEqual(south, await Released(new { region = "110000" }));
        // A pool with customers in it is not taken away.
        (await crm.Admin.Delete($"{Root}/pools/{south}")).Refused(422);
        // A rule about one source only, counted from the last opportunity; without any, from the lock.
        var dealer = await crm.Hire([.. Seller, .. Dealer.Rights.Except(Seller)]);
        async Task<long> From(string source) => await dealer.Customer(Crm.Name("来源客户"), new { source });
        var (idle, never, busy, coming, phone) = (await From("website"), await From("website"), await From("website"), await From("website"), await From("phone"));
        var (db, then) = (crm.Db, DateTime.UtcNow.AddDays(-40));
        foreach (var id in new[] { idle, busy, phone }) await dealer.Deal(customer: id, running: false);
        await Delivering.Until(async () => await db.First<long>($"select count(*) from customers.activity where {db.Dialect.In(Sql.Trusted("customer_id"), [idle, busy, phone])}") == 3 && await db.First<long>($"select count(*) from platform.delivery") == 0);
        foreach (var id in new[] { idle, phone }) await db.Unit(() => db.Execute($"update customers.activity set at = {then} where customer_id = {id}"));
        foreach (var id in new[] { idle, never, busy, coming, phone }) await crm.Idle(id, then);
        // An opportunity that was just entered, and is still on its way when the job runs.
        await OnItsWay(crm, new CustomerActivity(coming, "opportunities.opportunity", DateTime.UtcNow, true), coming, "KuaipuCrm.Customers.Events.NoteCustomerActivity", DateTime.UtcNow);
        await crm.Rule("网站来的 30 天没有商机", 30, conditions: new { sources = new[] { "website" } }, @base: "opportunities.opportunity");
        await crm.Release();
        Assert.Equal((null, null, dealer.Id, dealer.Id, dealer.Id), (await crm.OwnerOf(idle), await crm.OwnerOf(never), await crm.OwnerOf(busy), await crm.OwnerOf(coming), await crm.OwnerOf(phone)));
        Assert.Contains("30 天没有商机", (await crm.Admin.Get(Root + "/release-log?kind=auto")).Ok().Text, StringComparison.Ordinal);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-8")]
    public async Task New_customers_belong_to_whom_the_rules_say(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var (li, zhang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        async Task Rules(string news, params object[] assignments) => (await crm.Admin.Post(Root + "/lock-rules", new { newCustomers = news, review = false, reviewer = "superior", pauseDays = 0, assignments })).Ok();
        async Task<long?> Owner(object? more = null) => await crm.OwnerOf(await li.Customer(Crm.Name("新客户"), more));
        Assert.Equal(li.Id, await Owner());
        await Rules("open");
        Assert.Null(await Owner());
        await Rules("region", new { kind = "region", code = "440000", userId = zhang.Id });
        Assert.Equal(zhang.Id, await Owner(new { region = "440300" }));
        Assert.Equal(li.Id, await Owner(new { region = "110000" }));
        // A person customer goes there with the person, and so does an employer that is made of a contact's.
        var person = await li.Customer(Crm.Name("新个人"), new { nature = "person", region = "440300" });
        Assert.Equal(zhang.Id, await crm.OwnerOf(person));
        Assert.Equal(zhang.Id, (await zhang.View("contacts", (await zhang.List($"{Root}/contacts?tiedTo={person}&tiedBy=contacts")).Single())).GetProperty("ownerId").GetInt64());
        await Rules("open");
        Assert.Null(await Owner(new { nature = "person" }));
        var (knows, too) = (await li.Contact(Crm.Name("知情人"), new { employerName = "规则外的单位有限公司" }), await li.Contact(Crm.Name("同事"), new { employerName = "规则外的单位有限公司" }));
        var employer = (await li.Post($"{Root}/contacts/{knows}/make-employer", new { })).Ok().Json.GetInt64();
        Assert.Null(await crm.OwnerOf(employer));
        foreach (var contact in new[] { knows, too }) Assert.Equal(employer, (await li.View("contacts", contact)).GetProperty("employerId").GetInt64());
        await Rules("region", new { kind = "region", code = "440000", userId = zhang.Id });
        await crm.Limit(zhang, 3);
        Assert.Equal(zhang.Id, await Owner(new { region = "440300" }));
        Assert.Null(await Owner(new { region = "440300" }));
        await crm.Limit(zhang, null);
        await Rules("industry", new { kind = "industry", code = "i001", userId = zhang.Id });
        Assert.Equal(zhang.Id, await Owner(new { industry = "i001" }));
        (await li.Post(Root + "/lock-rules", new { newCustomers = "open", review = false, reviewer = "superior", pauseDays = 0, assignments = Array.Empty<object>() })).Refused(403);
        // Two have the page open: the second is told.
        var version = (await crm.Admin.Get(Root + "/lock-rules")).Ok().Json.GetProperty("version").GetInt64();
        (await crm.Admin.Post(Root + "/lock-rules", new { newCustomers = "open", review = false, reviewer = "superior", pauseDays = 0, assignments = Array.Empty<object>(), version })).Ok();
        (await crm.Admin.Post(Root + "/lock-rules", new { newCustomers = "creator", review = false, reviewer = "superior", pauseDays = 0, assignments = Array.Empty<object>(), version })).Refused(422);
        (await crm.Admin.Post(Root + "/lock-rules", new { newCustomers = "nobody", review = false, reviewer = "superior", pauseDays = 0, assignments = Array.Empty<object>() })).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-16"), Trait("req", "CUS-12")]
    public async Task What_is_simulated_is_what_then_happens_day_by_day(string engine)
    {
        // Over the end of a month and of a year, in the company's days: 01:00 in Shanghai is the day before in UTC.
        var clock = new FakeTimeProvider(new DateTimeOffset(2025, 12, 10, 17, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var random = new Random(7);
        var now = clock.GetUtcNow().UtcDateTime;
        var all = new List<long>();
        for (var i = 0; i < 60; i++)
        {
            var who = i % 3 == 0 ? wang : li;
            var id = await who.Customer($"模拟客户{i:00}", new { level = "ABC"[i % 3].ToString(), customerType = i % 2 == 0 ? "direct" : "agent" });
            await crm.Idle(id, now.AddDays(-random.Next(0, 60)).AddMinutes(-random.Next(1440)), i % 4 == 0 ? now.AddDays(-random.Next(0, 40)) : null);
            all.Add(id);
        }
        // Some are protected: for a week, for two months.
        (await li.Post(List + "/protect", new { ids = new[] { all[1], all[4] }, until = "2025-12-18", reason = "招标" })).Ok();
        (await li.Post(List + "/protect", new { ids = new[] { all[2] }, until = "2026-02-18", reason = "招标" })).Ok();
        var other = await crm.Rule("代理 25 天", 25, notice: 0, conditions: new { types = new[] { "agent" } }, sort: 5);
        var rule = await crm.Rule("除 A 级 20 天", 20, notice: 3, enabled: false, conditions: new { exceptLevels = new[] { "A" } });
        async Task<Dictionary<long, string>> Simulated(long id)
        {
            var s = (await (await crm.Administrator()).Get($"{Root}/release-rules/{id}/simulate?take=1000")).Ok().Json;
            var found = s.GetProperty("customers").EnumerateArray().ToDictionary(c => c.GetProperty("id").GetInt64(), c => c.GetProperty("on").GetString()!);
            Assert.Equal(s.GetProperty("count").GetInt32(), found.Count);
            Assert.Equal(s.GetProperty("byDay").EnumerateArray().ToDictionary(d => d.GetProperty("day").GetString()!, d => d.GetProperty("count").GetInt32()), found.GroupBy(f => f.Value).ToDictionary(g => g.Key, g => g.Count()));
            return found;
        }
        var foreseen = await Simulated(rule);
        Assert.NotEmpty(foreseen);
        Assert.DoesNotContain(foreseen, f => string.CompareOrdinal(f.Value, "2025-12-14") < 0);
        var version = (await (await crm.Administrator()).Get(Root + "/release-rules")).Ok().Json.GetProperty("rules").EnumerateArray().Single(r => r.GetProperty("id").GetInt64() == rule).GetProperty("version").GetInt64();
        (await (await crm.Administrator()).Post(Root + "/release-rules", new { id = rule, version, name = "除 A 级 20 天", enabled = true, sort = 10, @base = "contact", days = 20, noticeDays = 3, conditions = new { exceptLevels = new[] { "A" } } })).Ok();
        foreach (var (id, on) in await Simulated(other)) foreseen[id] = on;
        // The page of a customer says the same.
        var (some, day) = foreseen.OrderByDescending(f => f.Value).First();
        Assert.Equal(day, (await (await crm.Administrator()).Get($"{List}/{some}/ownership")).Ok().Json.GetProperty("releaseOn").GetString());
        var happened = new Dictionary<long, string>();
        for (var d = 0; d <= 30; d++)
        {
            await crm.Release();
            foreach (var id in await crm.Db.Query<long>($"select customer_id from customers.owner_log where kind = 'auto'"))
                happened.TryAdd(id, TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            clock.Advance(TimeSpan.FromDays(1));
        }
        Assert.Equal(foreseen.OrderBy(f => f.Key), happened.OrderBy(f => f.Key));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-12")]
    public async Task The_owner_is_warned_before_sees_when_and_why_and_a_contact_puts_it_off(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var (lazy, called) = (await li.Customer("久未联系"), await li.Customer("刚打过电话"));
        await crm.Rule("30 天未联系", 30, notice: 7);
        clock.Advance(TimeSpan.FromDays(23));
        await crm.Release();
        var message = Said(await (await li.Again()).Get("/api/platform/messages")).Single(t => t.Contains("即将解锁"));
        Assert.Contains("2 个客户", message);
        Assert.Contains("04-01", message);
        // Once a day is enough.
        await crm.Release();
        Assert.Single(Said(await (await li.Again()).Get("/api/platform/messages")), t => t.Contains("即将解锁"));
        var upcoming = (await (await li.Again()).Get(Root + "/upcoming-releases")).Ok().Json.EnumerateArray().ToList();
        Assert.Equal([("2026-04-01", "30 天未联系"), ("2026-04-01", "30 天未联系")], upcoming.Select(u => (u.GetProperty("on").GetString(), u.GetProperty("rule").GetString())));
        Assert.Empty((await (await wang.Again()).Get(Root + "/upcoming-releases?mine=false")).Ok().Json.EnumerateArray());
        // A colleague's form is open while the call is noted: it does not grow stale, and the call stays noted.
        var form = (await (await li.Again()).Get($"{List}/{called}")).Ok().Json.GetProperty("version").GetInt64();
        await Contacted(crm, called, clock.GetUtcNow().UtcDateTime, li.Id);
        (await (await li.Again()).Patch($"{List}/{called}", new { remarks = "客户有意向", version = form })).Ok();
        var view = (await (await li.Again()).Get($"{List}/{called}")).Ok().Json;
        Assert.Equal((1L, clock.GetUtcNow().UtcDateTime), (view.GetProperty("contactCount").GetInt64(), view.GetProperty("lastContactAt").GetDateTime()));
        Assert.Equal("2026-04-24", (await (await li.Again()).Get($"{List}/{called}/ownership")).Ok().Json.GetProperty("releaseOn").GetString());
        clock.Advance(TimeSpan.FromDays(7));
        await crm.Release();
        Assert.Equal((null, li.Id), (await crm.OwnerOf(lazy), await crm.OwnerOf(called)));
        var log = (await (await li.Again()).Get(Root + "/release-log?kind=auto")).Only();
        Assert.Equal((lazy, "系统"), (log.GetProperty("customerId").GetInt64(), log.GetProperty("by").GetString()));
        Assert.Contains("30 天未联系", log.GetProperty("reason").GetString());
        // All of the night is one act, which an administrator takes back.
        var operation = await crm.Db.First<long>($"select operation_id from customers.release_run");
        Assert.Equal(1, (await (await crm.Administrator()).Post($"/api/platform/operations/{operation}/undo", new { })).Ok().Json.GetProperty("done").GetInt32());
        Assert.Equal(li.Id, await crm.OwnerOf(lazy));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-12")]
    public async Task Nobody_loses_a_customer_untold_however_it_became_due(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var li = await crm.Hire(Seller);
        var (plain, key, called) = (await li.Customer("平常客户"), await li.Customer("重点客户"), await li.Customer("刚联系的客户"));
        (await li.Post(List + "/key", new { ids = new[] { key } })).Ok();
        await crm.Rule("30 天", 30, notice: 7, conditions: new { exceptKey = true });
        async Task<int> Told() => Said(await (await li.Again()).Get("/api/platform/messages")).Count(t => t.Contains("即将解锁"));
        // The host was off on the day of the notice and long after.
        clock.Advance(TimeSpan.FromDays(60));
        await crm.Release();
        Assert.Equal((li.Id, 1), (await crm.OwnerOf(plain), await Told()));
        Assert.Equal("2026-05-08", (await (await li.Again()).Get($"{List}/{plain}/ownership")).Ok().Json.GetProperty("releaseOn").GetString());
        // A key customer is excepted; the exception ends long after its days are over.
        (await (await li.Again()).Post(List + "/unkey", new { ids = new[] { key } })).Ok();
        clock.Advance(TimeSpan.FromDays(1));
        await crm.Release();
        Assert.Equal((li.Id, 2), (await crm.OwnerOf(key), await Told()));
        // A call that was noted is still on its way when the job runs.
        var now = clock.GetUtcNow().UtcDateTime;
        await OnItsWay(crm, new CustomerContacted(called, now, li.Id, 1, null), called, "KuaipuCrm.Customers.Events.TouchCustomerOnContact", now);
        clock.Advance(TimeSpan.FromDays(6));
        await crm.Release();
        Assert.Equal((null, li.Id, li.Id), (await crm.OwnerOf(plain), await crm.OwnerOf(key), await crm.OwnerOf(called)));
        clock.Advance(TimeSpan.FromDays(1));
        await crm.Release();
        Assert.Equal((null, li.Id), (await crm.OwnerOf(key), await crm.OwnerOf(called)));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-12")]
    public async Task What_is_touched_in_the_very_moment_of_release_is_kept(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var li = await crm.Hire(Seller);
        var ids = new List<long>();
        for (var i = 0; i < 40; i++) ids.Add(await li.Customer($"同时{i:00}"));
        await crm.Rule("30 天", 30);
        clock.Advance(TimeSpan.FromDays(31));
        var now = clock.GetUtcNow().UtcDateTime;
        var edited = ids[0];
        (await (await li.Again()).Patch($"{List}/{edited}", new { remarks = "正在改", version = 1 })).Ok();
        // Calls are noted while the job runs.
        var touched = new List<long>();
        var job = Task.Run(() => crm.Release());
        foreach (var id in ids.Skip(1))
        {
            var db = crm.Db;
            if (await db.Unit(() => db.Execute($"update customers.customer set last_contact_at = {now}, contact_count = 1, idle_since = {now} where id = {id} and owner_id is not null and {Guard}")) > 0) touched.Add(id);
        }
        await job;
        Assert.Equal(ids.Skip(1).Except(touched).Order(), (await crm.Open(ids)).Order());
        Assert.Equal(li.Id, await crm.OwnerOf(edited));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-12")]
    public async Task A_run_that_was_killed_is_taken_up_and_ends_as_one_act(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var li = await crm.Hire(Seller);
        for (var i = 0; i < 3; i++) (await li.Post(List + "/bulk", new { mode = "all", rows = Enumerable.Range(0, 700).Select(n => new { name = $"批量客户{i}-{n:000}" }) })).Ok();
        await crm.Rule("30 天", 30);
        clock.Advance(TimeSpan.FromDays(31));
        using var killed = new CancellationTokenSource();
        var job = Task.Run(() => crm.Release(killed.Token));
        await Delivering.Until(async () => await crm.Db.First<long>($"select count(*) from customers.release_run where done > 0") > 0, 60);
        await killed.CancelAsync();
        try { await job; } catch (OperationCanceledException) { }
        await crm.Release();
        Assert.Equal(0, await crm.Held(li));
        Assert.Equal(2100, await crm.Db.First<long>($"select count(*) from customers.owner_log where kind = 'auto'"));
        Assert.Equal(2100, await crm.Db.First<long>($"select count(distinct customer_id) from customers.owner_log where kind = 'auto'"));
        Assert.Equal((1L, 2100L), (await crm.Db.First<long>($"select count(*) from customers.release_run"), await crm.Db.First<long>($"select done from platform.operation where kind = 'auto-release'")));
    }

    [Theory, OnEveryEngine, Trait("req", "SET-8")]
    public async Task Rules_count_only_from_what_an_installed_module_tells(string engine)
    {
        var crm = await Crm.Shared(engine);
        var list = (await crm.Admin.Get(Root + "/release-rules")).Ok().Json;
        Assert.Equal(["contact", "locked"], list.GetProperty("bases").EnumerateArray().Select(b => b.GetProperty("kind").GetString()).Take(2));
        (await crm.Admin.Post(Root + "/release-rules", new { id = 0, version = 0, name = "没有的模块", enabled = false, sort = 1, @base = "nothing.there", days = 30, noticeDays = 0, conditions = new { } })).Refused(400);
        (await crm.Admin.Post(Root + "/release-rules", new { id = 0, version = 0, name = "倒挂", enabled = false, sort = 1, @base = "contact", days = 3, noticeDays = 30, conditions = new { } })).Refused(400);
        (await crm.Admin.Post(Root + "/release-rules", new { id = 0, version = 0, name = "没有的级别", enabled = false, sort = 1, @base = "contact", days = 3, noticeDays = 0, conditions = new { levels = new[] { "'; drop table x" } } })).Refused(400);
        var sales = await crm.Hire(Seller);
        (await sales.Get(Root + "/release-rules")).Refused(403);
        (await sales.Post(Root + "/release-rules", new { id = 0, version = 0, name = "越权", enabled = true, sort = 1, @base = "contact", days = 1, noticeDays = 0, conditions = new { } })).Refused(403);
    }

    /// <summary>Something has happened, and its handler has not heard of it yet.</summary>
    private static async Task OnItsWay<T>(Crm crm, T fact, long customer, string handler, DateTime now)
    {
        var db = crm.Db;
        await db.Unit(async () =>
        {
            await db.Execute($"insert into platform.event (type, document_id, payload, at) values ({typeof(T).FullName}, {customer}, {System.Text.Json.JsonSerializer.Serialize(fact)}, {now})");
            var id = await db.First<long>($"select max(id) from platform.event");
            return await db.Execute($"insert into platform.delivery (event_id, handler, document_id, attempts, next_at) values ({id}, {handler}, {customer}, 0, {now.AddDays(30)})");
        });
    }

    private static async Task Contacted(Crm crm, long customer, DateTime at, long by)
    {
        await using var scope = crm.Services.GetAutofacRoot().BeginLifetimeScope();
        var (db, events) = (scope.Resolve<Db>(), scope.Resolve<IEvents>());
        await db.Unit(() => { events.Publish(new CustomerContacted(customer, at, by, 1, null)); return Task.FromResult(0); });
        await Delivering.Until(async () => await crm.Db.First<long>($"select count(*) from customers.customer c where c.id = {customer} and c.contact_count = 1 and {Guard}") == 1);
    }
}
