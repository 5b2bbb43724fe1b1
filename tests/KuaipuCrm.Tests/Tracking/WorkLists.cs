using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static KuaipuCrm.Tests.Tracking.Seller;

namespace KuaipuCrm.Tests.Tracking;

/// <summary>The lists one works the day from, exact to the day of the account set's zone.</summary>
public class WorkLists
{
    private static readonly (string View, string Query)[] Lists =
    [
        ("today", "nextAt.within=today"), ("overdue", "nextAt.within=beforeToday"), ("week", "nextAt.within=next7Days"), ("never", "lastAt.empty=&ownerId.notEmpty="),
        ("silent", "lastAt.within=atLeast:15&ownerId.notEmpty="), ("adrift", "nextAt.empty=&lastAt.notEmpty=&ownerId.notEmpty="),
    ];

    [Theory, OnEveryEngine, Trait("req", "TRK-9")]
    public async Task Days_are_counted_in_the_account_sets_zone_over_the_ends_of_months_and_years(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var li = await crm.Hire(Rights);
        var customer = await li.Customer("日界有限公司");
        await li.Contacted(customer, next: new DateTime(2026, 4, 15, 2, 0, 0, DateTimeKind.Utc));
        var appointment = (await li.Open(customer)).Single().GetProperty("id").GetInt64();
        foreach (var (zone, now, next, lists) in new (string, string, string, string)[]
        {
            // On 15 April the week is 15 to 21 April.
            ("Asia/Shanghai", "2026-04-15 09:00", "2026-04-15 00:00", "today week"), ("Asia/Shanghai", "2026-04-15 09:00", "2026-04-15 23:59", "today week"),
            ("Asia/Shanghai", "2026-04-15 09:00", "2026-04-14 23:59", "overdue"), ("Asia/Shanghai", "2026-04-15 09:00", "2026-04-16 00:00", "week"),
            ("Asia/Shanghai", "2026-04-15 09:00", "2026-04-21 23:59", "week"), ("Asia/Shanghai", "2026-04-15 09:00", "2026-04-22 00:00", ""),
            ("Asia/Shanghai", "2026-04-15 00:00", "2026-04-14 23:59", "overdue"), ("Asia/Shanghai", "2026-04-14 23:59", "2026-04-15 00:00", "week"),
            ("Asia/Shanghai", "2026-12-29 10:00", "2027-01-04 23:00", "week"), ("Asia/Shanghai", "2026-12-29 10:00", "2027-01-05 00:00", ""),
            ("Asia/Shanghai", "2027-01-01 00:00", "2026-12-31 23:59", "overdue"), ("Asia/Shanghai", "2028-02-28 12:00", "2028-03-05 12:00", "week"), ("Asia/Shanghai", "2028-02-28 12:00", "2028-03-06 00:00", ""),
            ("UTC", "2028-03-10 23:30", "2028-03-11 00:00", "week"), ("UTC", "2028-03-10 23:30", "2028-03-10 00:00", "today week"),
            // The night in which the clocks go forward has 23 hours.
            ("Europe/Berlin", "2028-03-25 23:30", "2028-03-26 00:15", "week"), ("Europe/Berlin", "2028-03-26 00:15", "2028-03-25 23:59", "overdue"), ("Europe/Berlin", "2028-03-26 23:59", "2028-03-26 00:00", "today week"),
        })
        {
            var tz = TimeZoneInfo.FindSystemTimeZoneById(zone);
            DateTime Utc(string local) => TimeZoneInfo.ConvertTimeToUtc(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture), tz);
            clock.SetUtcNow(new DateTimeOffset(Utc(now), TimeSpan.Zero) is var to && to > clock.GetUtcNow() ? to : clock.GetUtcNow());
            if (clock.GetUtcNow().UtcDateTime != Utc(now)) continue;
            var admin = await crm.As(crm.Admin.Id, "admin", "系统管理员");
            var who = await crm.As(li.Id, li.Login, li.Name);
            (await admin.Post("/api/settings/company", new { name = "示例公司", timeZone = zone, currency = "CNY", workDays = "1,2,3,4,5", holidays = Array.Empty<object>() })).Ok();
            (await admin.Patch($"{Appointments}/{appointment}", new { at = Utc(next), version = (await admin.Get($"{Appointments}/{appointment}")).Ok().Json.GetProperty("version").GetInt64() })).Ok();
            foreach (var (view, query) in Lists.Take(3))
                Assert.True(lists.Split(' ').Contains(view) == (await who.List($"{Tracks}?{query}&columns=name")).Contains(customer), $"{zone} at {now}: {next} in {view}");
        }
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-8"), Trait("req", "TRK-9"), Trait("req", "TRK-12"), Trait("req", "SET-9")]
    public async Task Silence_is_counted_in_whole_days_at_least_or_fewer(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 16, 1, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var li = await crm.Hire(Rights);
        async Task<long> Last(string local)
        {
            var id = await li.Customer(Crm.Name("久未联系"));
            await li.Contacted(id, at: DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture).AddHours(-8) is var t ? DateTime.SpecifyKind(t, DateTimeKind.Utc) : default);
            return id;
        }
        var (fifteen, fourteen, today, never) = (await Last("2026-05-01 23:59"), await Last("2026-05-02 00:00"), await Last("2026-05-16 08:00"), await li.Customer(Crm.Name("从未")));
        async Task<List<long>> In(string span) => await li.List($"{Tracks}?lastAt.within={span}&columns=name");
        Assert.Equal([fifteen], await In("atLeast:15"));
        Assert.Equal(new[] { fourteen, today }.Order(), (await In("lessThan:15")).Order());
        Assert.Equal(new[] { fifteen, fourteen, today }.Order(), (await In("atLeast:0")).Order());
        Assert.Equal([today], await In("lessThan:1"));
        Assert.Empty(await In("lessThan:0"));
        Assert.Equal([never], await li.List($"{Tracks}?lastAt.empty=&columns=name"));
        // The lists of the menu, and what the desktop counts by them, go by the days that are set.
        var (met, meet) = (await li.Contact(Crm.Name("见过"), new { employerId = today }), await li.Contact(Crm.Name("见面"), new { employerId = today, role = "decider", post = "总经理" }));
        await li.Contacted(today, met, at: new DateTime(2026, 5, 2, 2, 0, 0, DateTimeKind.Utc));
        await li.Contacted(today, meet, at: new DateTime(2026, 5, 3, 2, 0, 0, DateTimeKind.Utc), method: "visit");
        foreach (var (silent, decider, customers, people, deciders) in new (int, int, long[], long[], long[])[] { (15, 30, [fifteen], [], []), (14, 13, [fifteen, fourteen], [met], [meet]), (13, 14, [fifteen, fourteen], [met, meet], []) })
        {
            (await crm.Admin.Post("/api/tracking/follow-up", new { capacity = 8, silentDays = silent, deciderDays = decider, frequencies = Array.Empty<object>() })).Ok();
            foreach (var (path, view, expected) in new[] { (Tracks, "silent", customers), (Contacts, "silent", people), (Contacts, "unmet", deciders) })
            {
                Assert.Equal(expected.Order(), (await li.List($"{path}?view={view}&columns=name")).Order());
                Assert.Equal(expected.Length, (await li.Get($"{path}/count?view={view}")).Ok().Json.GetProperty("count").GetInt64());
            }
        }
        // Contacts are found by role, post, number of contacts and days, one by one and together.
        foreach (var (query, expected) in new (string, long[])[] { ("role=decider", [meet]), ("post.contains=经理", [meet]), ("contacts.from=1", [met, meet]), ("contacts.from=2", []), ("lastAt.within=atLeast:14", [met]), ("role=decider&lastAt.within=atLeast:14", []) })
            Assert.Equal(expected.Order(), (await li.List($"{Contacts}?{query}&columns=name")).Order());
        foreach (var bad in new[] { "atLeast:x", "atLeast:-1", "atLeast:", "atLeast:99999999999", "soon" }) (await li.Get($"{Tracks}?lastAt.within={bad}")).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-9"), Trait("req", "SEC-2")]
    public async Task What_the_desktop_counts_is_what_the_list_shows_under_every_scope(string engine)
    {
        // Its own: who sees everything would count what other tests write between the two looks.
        await using var crm = await Crm.Start(engine);
        var region = await crm.Department(Crm.Name("大区"));
        var branch = await crm.Department(Crm.Name("分部"), below: region);
        var roles = new Dictionary<ScopeKind, long>();
        foreach (var kind in Enum.GetValues<ScopeKind>()) roles[kind] = await crm.Role(Rights, kind, kind == ScopeKind.ChosenDepartments ? [branch] : null);
        var manager = await crm.Hire(region, roles[ScopeKind.DepartmentAndBelow]);
        var sellers = new List<Employee>();
        foreach (var kind in new[] { ScopeKind.Own, ScopeKind.OwnAndSubordinates, ScopeKind.Department, ScopeKind.ChosenDepartments, ScopeKind.None }) sellers.Add(await crm.Hire(branch, roles[kind], manager.Id));
        foreach (var seller in sellers.Take(4))
            foreach (var (last, next) in new (int?, int?)[] { (null, null), (-40, -2), (-20, 0), (-3, 4), (-30, null), (-1, 30) })
            {
                var id = await seller.Customer(Crm.Name("范围"));
                if (last is { } days) await crm.Admin.Post(Records, new { customerId = id, ownerId = seller.Id, at = DateTime.UtcNow.AddDays(days) });
                if (next is { } then) await crm.Admin.Post(Appointments, new { customerId = id, ownerId = seller.Id, at = DateTime.UtcNow.AddDays(then) });
            }
        var everyone = sellers.Append(manager).Append(await crm.Hire(["*"], ScopeKind.All)).ToList();
        var sums = new Dictionary<string, int>();
        foreach (var who in everyone)
            foreach (var (view, query) in Lists)
            {
                var rows = await who.List($"{Tracks}?{query}&columns=name&take=500");
                var count = (await who.Get($"{Tracks}/count?{query}")).Ok().Json.GetProperty("count").GetInt64();
                Assert.True(rows.Count == count && rows.Distinct().Count() == count, $"{view}: {count} counted, {rows.Count} shown");
                // Exactly the customers one may see, no more.
                var mine = (await who.List("/api/customers/customers?columns=name&take=500")).ToHashSet();
                Assert.All(rows, r => Assert.Contains(r, mine));
                if (who == sellers[0]) sums[view] = rows.Count;
            }
        Assert.Equal([("adrift", 1), ("never", 1), ("overdue", 1), ("silent", 3), ("today", 1), ("week", 2)], sums.Select(s => (s.Key, s.Value)).OrderBy(s => s.Key));
        Assert.Equal(4 * 3, (await manager.List($"{Tracks}?lastAt.within=atLeast:15&columns=name")).Count);
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-11")]
    public async Task The_order_of_calls_puts_what_is_due_first_and_says_why(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, other) = (await crm.Hire(Rights), await crm.Hire(Rights));
        async Task<long> Made(Employee who, int? last, int? next, bool key = false)
        {
            var id = await who.Customer(Crm.Name("拨打"));
            if (key) await who.Key(id);
            if (last is { } l) await who.Contacted(id, at: DateTime.UtcNow.AddDays(l));
            if (next is { } n) await crm.Admin.Post(Appointments, new { customerId = id, ownerId = who.Id, at = DateTime.UtcNow.AddDays(n) });
            return id;
        }
        var (fresh, late, key, silent, later) = (await Made(li, null, null), await Made(li, -9, -3), await Made(li, -9, -3, key: true), await Made(li, -60, null), await Made(li, -2, 20));
        await Made(other, -9, -3, key: true);
        var calls = (await li.Get("/api/tracking/calls")).Ok().Json.EnumerateArray().ToList();
        Assert.Equal([key, late, silent, fresh], calls.Select(c => c.GetProperty("customerId").GetInt64()));
        Assert.DoesNotContain(calls, c => c.GetProperty("customerId").GetInt64() == later);
        string Why(int i) => string.Join("，", calls[i].GetProperty("reasons").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal("预约已过期 3 天，重点客户", Why(0));
        Assert.Equal("60 天没有联系", Why(2));
        Assert.Equal("从未联系", Why(3));
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-11"), Trait("req", "TRK-12")]
    public async Task A_deal_about_to_be_signed_is_a_reason_to_call_and_one_with_few_people_is_listed(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Rights, .. Opportunities.Dealer.Rights.Except(Rights)]);
        async Task<long> Called()
        {
            var id = await li.Customer(Crm.Name("预签"));
            await li.Contacted(id, at: DateTime.UtcNow.AddDays(-2));
            return id;
        }
        string In(int days) => DateTime.UtcNow.AddHours(8).AddDays(days).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var (near, far) = (await Called(), await Called());
        var (deal, other) = (await Opportunities.Dealer.Deal(li, sign: In(3), customer: near), await Opportunities.Dealer.Deal(li, sign: In(60), customer: far));
        var call = (await li.Get("/api/tracking/calls")).Ok().Json.EnumerateArray().Single();
        Assert.Equal((near, "商机 3 天后预签"), (call.GetProperty("customerId").GetInt64(), call.GetProperty("reasons")[0].GetString()));
        const string single = Opportunities.Dealer.All + "?view=single";
        Assert.Equal(new[] { deal, other }.Order(), (await li.List(single)).Order());
        foreach (var name in new[] { "张", "王" }) await li.Create("/api/opportunities/stakeholders", new { opportunityId = deal, contactId = await li.Contact(Crm.Name(name), new { employerId = near }) });
        Assert.Equal([other], await li.List(single));
    }
}
