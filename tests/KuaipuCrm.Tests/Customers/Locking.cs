using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Customers.Owners;

namespace KuaipuCrm.Tests.Customers;

/// <summary>Open customers, who sees them, how one gets them (CUS-9, CUS-10, CUS-11, CUS-21).</summary>
public class Locking
{
    [Theory, OnEveryEngine, Trait("req", "CUS-9"), Trait("req", "SEC-1")]
    public async Task An_open_customer_is_seen_by_the_members_of_its_pool_only_and_only_read(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var stranger = await crm.Hire(Employee.Sales);
        var pool = await crm.Pool([li]);
        var id = await crm.Open(pool);
        Assert.Contains(id, await li.List($"{List}?view=open&poolId={pool}"));
        Assert.Equal(1, (await li.Get($"{List}/count?view=open&poolId={pool}")).Ok().Json.GetProperty("count").GetInt64());
        Assert.DoesNotContain(id, await wang.List($"{List}?view=open"));
        Assert.DoesNotContain(id, await li.List(List));
        (await stranger.Get($"{List}?view=open")).Refused(403);
        (await li.Get($"{List}?view=nothing")).Refused(400);
        var view = await li.View("customers", id);
        Assert.Contains("*", view.GetProperty("phone").GetString());
        Assert.Contains("*", view.GetProperty("email").GetString());
        // A website is public.
        Assert.Equal("https://www.open.cn/about", view.GetProperty("website").GetString());
        foreach (var who in new[] { wang, stranger }) (await who.Get($"{List}/{id}")).Refused(404);
        // And so it is said of it (SEC-7).
        Assert.Contains((await crm.Send(crm.Admin, new WhoSees("customer", id))).Viewers.Single(v => v.UserId == li.Id).Grants, g => g.Contains("开放的客户"));
        Assert.True((await crm.Send(crm.Admin, new WhyOfRecord("customer", id, li.Id))).Sees);
        foreach (var who in new[] { wang, stranger }) Assert.False((await crm.Send(crm.Admin, new WhyOfRecord("customer", id, who.Id))).Sees);
        // Only read: nothing is changed, deleted, commented, attached or carried off, and its history stays closed.
        (await li.Patch($"{List}/{id}", new { name = "改", version = 1 })).Refused(404);
        (await li.Delete($"{List}/{id}")).Refused(404);
        (await li.Post($"{List}/{id}/comments", new { text = "路过" })).Refused(404);
        (await li.Get($"{List}/{id}/history")).Refused(404);
        (await li.Get($"{List}/{id}/attachments")).Refused(404);
        (await li.Get($"{List}/export?view=open")).Refused(403);
        (await li.Get($"{List}/{id}?unmask=true")).Refused(403);
        Assert.Empty((await li.Get($"{List}/choices?text={Uri.EscapeDataString(view.GetProperty("name").GetString()!)}")).Ok().Json.EnumerateArray());
        // Whoever has all rows in scope sees it among all.
        Assert.Contains(id, await crm.Admin.List($"{List}?poolId={pool}"));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-9"), Trait("req", "CUS-20")]
    public async Task Contact_data_of_open_customers_is_shown_so_many_times_a_day_and_noted(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Seller);
        var wang = await crm.Hire(Seller);
        var pool = await crm.Pool([li], more: new { dailyViews = 2 });
        var ids = new[] { await crm.Open(pool), await crm.Open(pool), await crm.Open(pool) };
        var first = (await li.Post($"{List}/{ids[0]}/contact-data", new { })).Ok().Json;
        Assert.Equal(("0755-26888888", "https://www.open.cn/about", 1L), (first.GetProperty("phone").GetString(), first.GetProperty("website").GetString(), first.GetProperty("left").GetInt64()));
        // The same one again is no further look.
        Assert.Equal(1, (await li.Post($"{List}/{ids[0]}/contact-data", new { })).Ok().Json.GetProperty("left").GetInt64());
        (await li.Post($"{List}/{ids[1]}/contact-data", new { })).Ok();
        (await li.Post($"{List}/{ids[2]}/contact-data", new { })).Refused(422);
        (await wang.Post($"{List}/{ids[0]}/contact-data", new { })).Refused(404);
        Assert.Contains((await crm.Admin.Get($"{List}/{ids[0]}/history")).Ok().Json.EnumerateArray(), h => h.GetProperty("kind").GetString() == "unmask" && h.GetProperty("who").GetString() == li.Name);
        // All at once are not more than the limit.
        var many = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => await crm.Open(pool)));
        var chen = await crm.Hire(Seller);
        (await crm.Admin.Post($"{Root}/pools/{pool}/setting", new { members = new[] { new { userId = chen.Id, manager = false } }, departments = Array.Empty<long>(), regions = Array.Empty<string>(), types = Array.Empty<string>() })).Ok();
        var answers = await Task.WhenAll(many.Select(id => chen.Post($"{List}/{id}/contact-data", new { })));
        Assert.Equal(2, answers.Count(a => (int)a.Status == 200));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-10")]
    public async Task Two_hundred_ask_for_one_customer_and_one_gets_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var people = new List<Employee>();
        var (department, role) = (await crm.Department("抢单"), await crm.Role(Seller));
        for (var i = 0; i < 20; i++) people.Add(await crm.Hire(department, role));
        var id = await crm.Open(await crm.Pool(people));
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => people[i % 20].Ask(id)));
        var winners = answers.Where(a => (int)a.Status == 200).ToList();
        Assert.Single(winners);
        Assert.All(answers.Except(winners), a => Assert.Contains((int)a.Status, new[] { 404, 422 }));
        Assert.Contains(await crm.OwnerOf(id), people.Select(p => (long?)p.Id));
        Assert.Equal(1, await crm.Db.First<long>($"select count(*) from customers.owner_log where customer_id = {id}"));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-11")]
    public async Task One_asks_for_fifty_with_room_for_three_and_gets_three(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var pool = await crm.Pool([li, wang]);
        var old = await li.Customer(Crm.Name("老客户"));
        await crm.Limit(li, 4);
        await crm.Limit(wang, 3);
        var ids = new List<long>();
        for (var i = 0; i < 50; i++) ids.Add(await crm.Open(pool));
        // One by one, all at once.
        var answers = await Task.WhenAll(ids.Select(id => li.Ask(id)));
        Assert.Equal(3, answers.Count(a => (int)a.Status == 200));
        Assert.Equal(4, await crm.Held(li));
        var refusal = answers.First(a => (int)a.Status != 200).Refused(422).Detail;
        Assert.Contains("上限 4 个", refusal);
        Assert.Contains("老客户", refusal);
        // And fifty in one call.
        var left = (await crm.Open(ids)).ToArray();
        var result = (await wang.Ask(left)).Ok().Json;
        Assert.Equal((3, left.Length - 3), (result.GetProperty("done").GetInt32(), result.GetProperty("problems").GetArrayLength()));
        Assert.Equal(3, await crm.Held(wang));
        var quota = (await li.Get(Root + "/lock-quota")).Ok().Json;
        Assert.Equal((4L, 4L, old), (quota.GetProperty("held").GetInt64(), quota.GetProperty("limit").GetInt64(), quota.GetProperty("leastActive").EnumerateArray().Select(x => x.GetProperty("id").GetInt64()).First()));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-11")]
    public async Task The_quota_holds_on_every_way(string engine)
    {
        var crm = await Crm.Shared(engine);
        var manager = await crm.Hire([.. Manager, "customers.customers.import", "customers.customers.restore"], ScopeKind.All);
        var li = await crm.Hire(Seller);
        var pool = await crm.Pool([li, manager]);
        var mine = await li.Customer(Crm.Name("唯一"));
        await crm.Limit(li, 1);
        async Task<long> Someones() => await manager.Customer(Crm.Name("经理的"));
        // Created by the screen or the API, one or many, by import.
        (await li.Post(List, new { name = Crm.Name("第二"), confirmed = new[] { "duplicate" } })).Refused(400);
        var bulk = (await li.Post(List + "/bulk", new { mode = "good", rows = new[] { new { name = Crm.Name("甲") }, new { name = Crm.Name("乙") } } })).Ok().Json;
        Assert.Equal((0, 2), (bulk.GetProperty("saved").GetInt32(), bulk.GetProperty("failed").GetInt32()));
        // Given: assigned when created, by a change, by a batch, transferred, asked for.
        (await manager.Post(List, new { name = Crm.Name("给李"), ownerId = li.Id, confirmed = new[] { "duplicate" } })).Refused(400);
        var other = await Someones();
        (await manager.Patch($"{List}/{other}", new { ownerId = li.Id, version = 1 })).Refused(400);
        (await manager.Post(List + "/change", new { ids = new[] { other }, values = new { ownerId = li.Id } })).Refused(400);
        (await manager.Post(List + "/transfer", new { ids = new[] { other }, toId = li.Id, along = false })).Refused(422);
        (await li.Ask(await crm.Open(pool))).Refused(422);
        // Back from the bin, and by undo.
        (await li.Delete($"{List}/{mine}")).Ok();
        var second = await li.Customer(Crm.Name("第二"));
        Assert.Contains("上限", (await manager.Post(List + "/restore", new { ids = new[] { mine } })).Ok().Text);
        var moved = (await manager.Post(List + "/transfer", new { ids = new[] { second }, toId = manager.Id, along = false })).Ok().Json.GetProperty("operationId").GetInt64();
        await li.Customer(Crm.Name("第三"));
        var undone = (await manager.Post($"/api/platform/operations/{moved}/undo", new { })).Ok().Json;
        Assert.Equal((0, 1), (undone.GetProperty("done").GetInt32(), undone.GetProperty("problems").GetArrayLength()));
        // Handed over: what there is no room for stays, and is told.
        var leaver = await crm.Hire(Employee.Sales);
        await leaver.Customer(Crm.Name("离职客户"));
        var handed = (await crm.Admin.Post($"/api/settings/users/{leaver.Id}/hand-over", new { heirs = new Dictionary<string, long[]> { ["customer"] = [li.Id] }, reason = "离职", disable = false })).Ok().Json;
        Assert.Equal((0, 1), (handed.GetProperty("done").GetInt32(), handed.GetProperty("problems").GetArrayLength()));
        Assert.Equal(1, await crm.Held(li));
        // Many givers at once don't make more of it.
        await crm.Limit(li, 3);
        var gifts = new List<long>();
        for (var i = 0; i < 12; i++) gifts.Add(await Someones());
        await Task.WhenAll(gifts.Select((id, i) => i % 2 == 0 ? manager.Post(List + "/transfer", new { ids = new[] { id }, toId = li.Id, along = false }) : manager.Patch($"{List}/{id}", new { ownerId = li.Id, version = 1 })));
        Assert.Equal(3, await crm.Held(li));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-11")]
    public async Task To_give_one_back_for_another_is_one_act(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var pool = await crm.Pool([li, wang]);
        var (old, wanted, taken) = (await li.Customer(Crm.Name("旧")), await crm.Open(pool), await crm.Open(pool));
        var foreign = await wang.Customer(Crm.Name("别人的"));
        await crm.Limit(li, 1);
        (await wang.Ask(taken)).Ok();
        // Nothing is given up for nothing, and nobody gives up what is another's.
        (await li.Post(List + "/request-lock", new { ids = new[] { taken }, releaseId = old })).Is(422);
        Assert.Equal(li.Id, await crm.OwnerOf(old));
        (await li.Post(List + "/request-lock", new { ids = new[] { wanted }, releaseId = foreign })).Refused(400);
        Assert.Equal((wang.Id, null), (await crm.OwnerOf(foreign), await crm.OwnerOf(wanted)));
        (await li.Post(List + "/request-lock", new { ids = new[] { wanted }, releaseId = old })).Ok();
        Assert.Equal((li.Id, null), (await crm.OwnerOf(wanted), await crm.OwnerOf(old)));
        Assert.Equal(1, await crm.Held(li));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-10"), Trait("req", "SET-8")]
    public async Task Requests_are_reviewed_one_wins_the_others_queue_and_everyone_is_told(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("销售部");
        var (boss, outsider) = (await crm.Hire(department, await crm.Role(Manager, ScopeKind.DepartmentAndBelow)), await crm.Hire(Manager));
        var role = await crm.Role(Seller);
        var (li, wang) = (await crm.Hire(department, role, boss.Id), await crm.Hire(department, role, boss.Id));
        var pool = await crm.Pool([li, wang], review: "yes");
        var id = await crm.Open(pool, "待审客户");
        (await li.Ask(id)).Ok();
        (await li.Ask(id)).Refused(422);
        (await wang.Ask(id)).Ok();
        Assert.Null(await crm.OwnerOf(id));
        Assert.Contains(Said(await boss.Get("/api/platform/messages")), t => t.Contains("申请锁定客户") && t.Contains(li.Name));
        var requests = (await boss.Get(Root + "/lock-requests?box=waiting")).Ok().Json.EnumerateArray().Where(r => r.GetProperty("customerId").GetInt64() == id).ToDictionary(r => r.GetProperty("userId").GetInt64(), r => r.GetProperty("id").GetInt64());
        Assert.Equal(2, requests.Count);
        // Neither the asker nor a stranger decides.
        Assert.DoesNotContain((await outsider.Get(Root + "/lock-requests?box=waiting")).Ok().Json.EnumerateArray(), r => r.GetProperty("customerId").GetInt64() == id);
        (await outsider.Post(Root + "/lock-requests/approve", new { ids = new[] { requests[li.Id] } })).Refused(404);
        (await li.Post(Root + "/lock-requests/approve", new { ids = new[] { requests[wang.Id] } })).Refused(403);
        (await li.Post(Root + "/lock-requests/withdraw", new { ids = new[] { requests[wang.Id] } })).Refused(404);
        // Both at once: one wins.
        var answers = await Task.WhenAll(requests.Values.Concat(requests.Values).Select(r => boss.Post(Root + "/lock-requests/approve", new { ids = new[] { r } })));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 200));
        var winner = await crm.OwnerOf(id) == li.Id ? li : wang;
        var loser = winner == li ? wang : li;
        Assert.Contains(Said(await winner.Get("/api/platform/messages")), t => t.Contains("已通过审核"));
        Assert.Equal("queued", (await loser.Get(Root + "/lock-requests?box=mine")).Only().GetProperty("state").GetString());
        Assert.Contains(Said(await loser.Get("/api/platform/messages")), t => t.Contains("已进入候补"));
        // It falls free: who waits hears of it.
        (await winner.Post(List + "/release", new { ids = new[] { id }, reason = "无暇跟进" })).Ok();
        Assert.Contains(Said(await loser.Get("/api/platform/messages")), t => t.Contains("已重新开放"));
        // Rejected with a reason.
        (await loser.Ask(id)).Ok();
        var again = (await boss.Get(Root + "/lock-requests?box=waiting")).Ok().Json.EnumerateArray().Single(r => r.GetProperty("customerId").GetInt64() == id).GetProperty("id").GetInt64();
        (await boss.Post(Root + "/lock-requests/reject", new { ids = new[] { again } })).Refused(400);
        (await boss.Post(Root + "/lock-requests/reject", new { ids = new[] { again }, reason = "请先完成现有客户" })).Ok();
        Assert.Contains(Said(await loser.Get("/api/platform/messages")), t => t.Contains("请先完成现有客户"));
        (await boss.Post(Root + "/lock-requests/approve", new { ids = new[] { again } })).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-10")]
    public async Task Who_is_overtaken_queues_up_and_hears_of_it_and_one_request_holds_up_no_others(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("抢先");
        var boss = await crm.Hire(department, await crm.Role(Manager, ScopeKind.DepartmentAndBelow));
        var role = await crm.Role(Seller);
        var (li, wang, zhao) = (await crm.Hire(department, role, boss.Id), await crm.Hire(department, role, boss.Id), await crm.Hire(department, role, boss.Id));
        var pool = await crm.Pool([li, wang, zhao], review: "yes", manager: boss);
        var (given, swapped, plain) = (await crm.Open(pool, "被分配的"), await crm.Open(pool), await crm.Open(pool));
        (await li.Ask(given)).Ok();
        (await wang.Ask(given)).Ok();
        (await boss.Post(List + "/transfer", new { ids = new[] { given }, toId = wang.Id, along = false })).Ok();
        async Task<string?> State(Employee who, long id) => (await who.Get(Root + "/lock-requests?box=mine")).Ok().Json.EnumerateArray().Single(r => r.GetProperty("customerId").GetInt64() == id).GetProperty("state").GetString();
        Assert.Equal(("queued", "approved"), (await State(li, given), await State(wang, given)));
        Assert.Contains(Said(await li.Get("/api/platform/messages")), t => t.Contains("已进入候补") && t.Contains(wang.Name));
        // Told that it is free, and not the first: the place in the queue is kept.
        (await wang.Post(List + "/release", new { ids = new[] { given }, reason = "无暇跟进" })).Ok();
        Assert.Equal("told", await State(li, given));
        (await boss.Post(List + "/transfer", new { ids = new[] { given }, toId = zhao.Id, along = false })).Ok();
        Assert.Equal("queued", await State(li, given));
        // One may also queue for what someone has and nobody reviews, from one's own pools only, and once.
        var held = await crm.Open(await crm.Pool([li, wang]), "有人的");
        (await wang.Ask(held)).Ok();
        (await zhao.Post($"{List}/{held}/queue", new { })).Refused(404);
        (await wang.Post($"{List}/{held}/queue", new { })).Refused(422);
        (await li.Post($"{List}/{held}/queue", new { })).Ok();
        (await li.Post($"{List}/{held}/queue", new { })).Refused(422);
        (await wang.Post(List + "/release", new { ids = new[] { held }, reason = "无暇跟进" })).Ok();
        Assert.Equal("told", await State(li, held));
        Assert.Contains(Said(await li.Get("/api/platform/messages")), t => t.Contains("有人的") && t.Contains("已重新开放"));
        // What was to be given up for one is gone: that one is told, the other is approved.
        var old = await li.Customer(Crm.Name("旧"));
        (await li.Post(List + "/request-lock", new { ids = new[] { swapped }, releaseId = old })).Ok();
        (await li.Ask(plain)).Ok();
        (await li.Post(List + "/release", new { ids = new[] { old }, reason = "先放了" })).Ok();
        var ids = (await boss.Get(Root + "/lock-requests?box=waiting")).Ok().Json.EnumerateArray().Where(r => r.GetProperty("userId").GetInt64() == li.Id).Select(r => r.GetProperty("id").GetInt64()).ToList();
        Assert.Equal(2, ids.Count);
        var approved = (await boss.Post(Root + "/lock-requests/approve", new { ids })).Ok().Json;
        Assert.Equal((1, 1), (approved.GetProperty("done").GetInt32(), approved.GetProperty("problems").GetArrayLength()));
        Assert.Equal((null, li.Id), (await crm.OwnerOf(swapped), await crm.OwnerOf(plain)));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-10"), Trait("req", "CUS-9")]
    public async Task A_former_owner_waits_before_locking_again_and_nobody_locks_more_a_day_than_allowed(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var pool = await crm.Pool([li, wang], more: new { pauseDays = 30 });
        var id = await crm.Open(pool);
        (await li.Ask(id)).Ok();
        (await wang.Post(List + "/release", new { ids = new[] { id }, reason = "抢" })).Refused(404);
        (await li.Post(List + "/release", new { ids = new[] { id } })).Refused(400);
        (await li.Post(List + "/release", new { ids = new[] { id }, reason = "换人" })).Ok();
        Assert.Contains("30 天内", (await li.Ask(id)).Refused(422).Detail);
        (await wang.Ask(id)).Ok();
        await crm.Limit(li, null, null, 2);
        var others = new List<long>();
        for (var i = 0; i < 6; i++) others.Add(await crm.Open(pool));
        // The one that was given back counts for the day, too.
        var answers = await Task.WhenAll(others.Select(o => li.Ask(o)));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 200));
        Assert.Contains("每日上限", answers.First(a => (int)a.Status != 200).Refused(422).Detail);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-21")]
    public async Task So_many_customers_may_be_protected_with_a_reason_and_an_end(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var ids = new List<long>();
        for (var i = 0; i < 6; i++) ids.Add(await li.Customer(Crm.Name("要保护")));
        await crm.Limit(li, null, 2);
        var until = DateTime.UtcNow.AddDays(60).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var answers = await Task.WhenAll(ids.Select(id => li.Post(List + "/protect", new { ids = new[] { id }, until, reason = "正在招标" })));
        Assert.Equal(2, answers.Count(a => (int)a.Status == 200));
        Assert.Contains("上限 2 个", answers.First(a => (int)a.Status != 200).Refused(422).Detail);
        (await li.Post(List + "/protect", new { ids = new[] { ids[0] }, until })).Refused(400);
        (await li.Post(List + "/protect", new { ids = new[] { ids[0] }, until = "2020-01-01", reason = "晚了" })).Refused(400);
        (await wang.Post(List + "/protect", new { ids = new[] { ids[0] }, until, reason = "不是我的" })).Refused(404);
        var kept = ids.First(id => (int)answers[ids.IndexOf(id)].Status == 200);
        (await li.Post(List + "/unprotect", new { ids = new[] { kept } })).Ok();
        (await li.Post(List + "/protect", new { ids = new[] { ids.First(id => (int)answers[ids.IndexOf(id)].Status != 200) }, until, reason = "换一个" })).Ok();
    }
}
