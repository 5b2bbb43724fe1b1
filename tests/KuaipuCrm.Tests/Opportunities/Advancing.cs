using System.Text.Json;
using KuaipuCrm.Opportunities.Steps;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Opportunities.Dealer;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>An opportunity's way through its stages to its end: kept step by step, gated, resting, final.</summary>
public class Advancing
{
    [Theory, OnEveryEngine, Trait("req", "OPP-1"), Trait("req", "OPP-4")]
    public async Task Steps_move_stage_and_probability_forward_and_back_and_all_is_kept(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var stages = await li.StagesOf();
        var id = await li.Deal(100_000m, "2099-03-31", running: false);
        var drafted = await li.Deal(id);
        Assert.Equal(("draft", stages[0].Id.ToString(), "10", "10000"), (drafted.Text("status"), drafted.Text("stageId"), drafted.Text("probability"), drafted.Text("weighted")));
        (await li.Advance(id, stages[1].Id)).Refused(422);
        (await li.Post($"{All}/{id}/start", new { })).Ok();
        (await li.Post($"{All}/{id}/start", new { })).Refused(422);
        (await li.Advance(id, stages[2].Id, "报价")).Ok();
        var now = await li.Deal(id);
        Assert.Equal((stages[2].Id.ToString(), "50", "50000"), (now.Text("stageId"), now.Text("probability"), now.Text("weighted")));
        // Back, with a probability of one's own; then only progress.
        (await li.Post($"{All}/{id}/advance", new { stageId = stages[1].Id, probability = 30, nextStep = "补充调研" })).Ok();
        (await li.Advance(id, stages[1].Id)).Refused(400);
        (await li.Advance(id, stages[1].Id, "客户补充了需求")).Ok();
        now = await li.Deal(id);
        Assert.Equal((stages[1].Id.ToString(), "30"), (now.Text("stageId"), now.Text("probability")));
        var steps = (await li.Get($"{Advances}?tiedTo={id}&tiedBy=advances&sort=at&columns=kind,stageId,fromStageId,progress,leftAt,stay")).Ok().Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["start", "forward", "back", "note"], steps.Select(s => s.Text("kind")));
        Assert.All(steps.SkipLast(1), s => Assert.NotEqual(JsonValueKind.Null, s.GetProperty("leftAt").ValueKind));
        Assert.Equal(JsonValueKind.Null, steps[^1].GetProperty("leftAt").ValueKind);
        // The same through the list of steps; a stage of the other type, one that is not there, a day to come are refused at their field.
        var step = await li.Create(Advances, new { opportunityId = id, stageId = stages[3].Id, progress = "谈价格" });
        Assert.Equal(stages[3].Id.ToString(), (await li.Deal(id)).Text("stageId"));
        var bid = (await li.StagesOf("bid"))[0].Id;
        foreach (var (stage, at) in new (long, string?)[] { (bid, null), (1, null), (stages[2].Id, "2099-01-01T00:00:00Z"), (stages[2].Id, "2001-01-01T00:00:00Z") })
            (await li.Post($"{All}/{id}/advance", new { stageId = stage, at })).Refused(400);
        // Which stage it stands in is not written past the steps.
        (await li.Patch($"{All}/{id}", new { stageId = stages[0].Id, version = (await li.Deal(id)).GetProperty("version").GetInt64() })).Refused(400);
        (await li.Patch($"{All}/{id}", new { status = "won", version = (await li.Deal(id)).GetProperty("version").GetInt64() })).Refused(400);
        // A step taken away leads back to where it came from.
        (await li.Delete($"{Advances}/{step}")).Ok();
        Assert.Equal(stages[1].Id.ToString(), (await li.Deal(id)).Text("stageId"));
        // Whoever may not see it moves nothing.
        (await (await crm.Hire(Rights)).Advance(id, stages[2].Id)).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-4")]
    public async Task Twenty_who_drag_the_same_card_at_once_make_one_step(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var stages = await li.StagesOf();
        var id = await li.Deal(1m);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => li.Advance(id, stages[1].Id)));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 200));
        Assert.All(answers.Where(a => (int)a.Status != 200), a => Assert.True((int)a.Status is 400 or 409 or 422, a.Text));
        Assert.Equal(2, (await li.List($"{Advances}?opportunityId={id}")).Count);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-4"), Trait("req", "SET-10")]
    public async Task A_stage_asks_for_fields_and_a_file_before_it_is_entered(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var name = Crm.Name("关口");
        (await crm.Admin.Post(Stages, new { name, kind = "ordinary", sort = 501, probability = 60, requiredFields = "金额、没有这个" })).Refused(400);
        var gate = await crm.Admin.Create(Stages, new { name, kind = "ordinary", sort = 501, probability = 60 });
        async Task Set(object values) => (await crm.Admin.Patch($"{Stages}/{gate}", values)).Ok();
        await Set(new { requiredFields = "金额、预签日期", version = 1 });
        var id = await li.Deal();
        Assert.Contains("金额、预签日期", (await li.Advance(id, gate)).Refused(400).Detail);
        (await li.Post(Advances, new { opportunityId = id, stageId = gate })).Refused(400);
        (await li.Patch($"{All}/{id}", new { amount = 5m, signDate = "2099-01-01", version = (await li.Deal(id)).GetProperty("version").GetInt64() })).Ok();
        await Set(new { needsFile = true, version = 2 });
        Assert.Contains("附件", (await li.Advance(id, gate)).Refused(400).Detail);
        (await li.Send(HttpMethod.Post, $"{All}/{id}/attachments?name=x.txt", new ByteArrayContent("方案"u8.ToArray()) { Headers = { ContentType = new("application/octet-stream") } })).Ok();
        (await li.Advance(id, gate)).Ok();
        // Stages: names and places are single, one in use stays.
        (await crm.Admin.Post(Stages, new { name, kind = "ordinary", sort = 777, probability = 5 })).Refused(400);
        (await crm.Admin.Post(Stages, new { name = Crm.Name("新阶段"), kind = "ordinary", sort = 10, probability = 5 })).Refused(400);
        (await crm.Admin.Post(Stages, new { name = Crm.Name("新阶段"), kind = "ordinary", sort = 777, probability = 101 })).Refused(400);
        (await crm.Admin.Delete($"{Stages}/{gate}")).Refused(422);
        (await li.Post(Stages, new { name = Crm.Name("新阶段"), kind = "ordinary", sort = 777, probability = 5 })).Refused(403);
        // A disabled one is not entered any more.
        await Set(new { disabled = true, version = 3 });
        (await li.Advance(await li.Deal(5m, "2099-01-01"), gate)).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-2"), Trait("req", "OPP-4"), Trait("req", "DOC-9")]
    public async Task Registration_and_gated_stages_go_through_approval(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (boss, department) = (await crm.Hire(Rights), await crm.Department("报备部门"));
        var li = await crm.Hire(department, await crm.Role(Rights, ScopeKind.Own));
        var stages = await li.StagesOf();
        object Flow(string name, decimal from) => new { type = "opportunity", name, definition = new { steps = new[] { new { name = "经理", by = "Users", ids = new[] { boss.Id } } }, conditions = new[] { new { field = "amount", op = "From", values = new[] { $"{from}" } } }, departments = new[] { department } } };
        (await crm.Admin.Post("/api/platform/flows", Flow("报备", 1000))).Ok();
        async Task Decide(string decision)
        {
            var task = (await boss.Get("/api/platform/approvals?list=waiting")).Ok().Json[0].GetProperty("taskId").GetInt64();
            (await boss.Post($"/api/platform/approval-tasks/{task}/decide", new { decision, note = "看过" })).Ok();
        }
        async Task<string> Until(long deal, Func<JsonElement, bool> there)
        {
            for (var i = 0; i < 100; i++, await Task.Delay(50))
                if (await li.Deal(deal) is var d && there(d)) return d.Text("status");
            return "never";
        }
        // Small ones start at once; large ones are registered first.
        var small = await li.Deal(999m);
        Assert.Equal("running", (await li.Deal(small)).Text("status"));
        var large = await li.Deal(5000m, running: false);
        Assert.Contains("提交审核", (await li.Post($"{All}/{large}/start", new { })).Refused(422).Text);
        (await li.Post($"{All}/{large}/submit", new { version = 1 })).Ok();
        (await li.Post($"{All}/{large}/lose", new { reason = "price" })).Refused(422);
        await Decide("Approve");
        Assert.Equal("running", await Until(large, d => d.Text("status") == "running"));
        // A stage that wants approval is entered when it is approved, with what was noted.
        var gate = await crm.Admin.Create(Stages, new { name = Crm.Name("须审核"), kind = "ordinary", sort = 601, probability = 70, needsApproval = true });
        Assert.Equal("null", (await li.Advance(large, gate, "可以谈了")).Ok().Text);
        Assert.Equal((stages[0].Id.ToString(), "review"), ((await li.Deal(large)).Text("stageId"), (await li.Deal(large)).Text("approval")));
        (await li.Advance(large, stages[1].Id)).Refused(422);
        (await li.Post(Advances, new { opportunityId = large, stageId = stages[1].Id })).Refused(400);
        await Decide("Approve");
        Assert.Equal("running", await Until(large, d => d.Text("stageId") == gate.ToString()));
        Assert.Contains("可以谈了", (await li.Get($"{Advances}?opportunityId={large}&columns=progress")).Ok().Text);
        // Refused: it stays where it is.
        (await li.Advance(large, stages[1].Id)).Ok();
        (await li.Advance(large, gate)).Ok();
        await Decide("Reject");
        Assert.Equal("running", await Until(large, d => d.GetProperty("pendingStageId").ValueKind == JsonValueKind.Null));
        Assert.Equal(stages[1].Id.ToString(), (await li.Deal(large)).Text("stageId"));
        (await crm.Admin.Patch($"{Stages}/{gate}", new { disabled = true, version = 1 })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-2")]
    public async Task What_is_won_or_invalid_is_final_on_every_path(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Rights, "opportunities.opportunities.batch", "opportunities.opportunities.import", "opportunities.opportunities.restore"]);
        var stages = await li.StagesOf();
        var (won, lost) = (await li.Deal(100m), await li.Deal(200m));
        (await li.Post($"{All}/{lost}/lose", new { reason = "没有这个" })).Refused(400);
        (await li.Post($"{All}/{lost}/lose", new { })).Refused(400);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? li.Post($"{All}/{won}/win", new { amount = 120m }) : li.Post($"{All}/{won}/lose", new { reason = "price" })));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 200));
        (await li.Post($"{All}/{lost}/lose", new { reason = "price", note = "低价" })).Ok();
        foreach (var id in new[] { won, lost })
        {
            var d = await li.Deal(id);
            Assert.Contains(d.Text("status"), new[] { "won", "invalid" });
            Assert.NotEqual(JsonValueKind.Null, d.GetProperty("closedAt").ValueKind);
            (await li.Patch($"{All}/{id}", new { amount = 1m, version = d.GetProperty("version").GetInt64() })).Refused(400);
            foreach (var act in new[] { "win", "start", "resume" }) (await li.Post($"{All}/{id}/{act}", new { })).Refused(422);
            (await li.Post($"{All}/{id}/pause", new { reason = "budget", wakeOn = "2099-01-01" })).Refused(422);
            (await li.Advance(id, stages[1].Id, "x")).Refused(422);
            (await li.Post(Advances, new { opportunityId = id, stageId = stages[1].Id })).Refused(400);
            (await li.Post("/api/opportunities/requirements", new { opportunityId = id, subject = "迟了" })).Refused(400);
            var batch = (await li.Post($"{All}/change", new { ids = new[] { id }, values = new { signDate = "2099-01-01" } }));
            Assert.True((int)batch.Status == 400 || batch.Json.GetProperty("done").GetInt32() == 0, batch.Text);
            var bulk = await li.Post($"{All}/bulk", new { rows = new[] { new { id, version = d.GetProperty("version").GetInt64(), values = new { name = "改名" } } }, allOrNothing = false });
            Assert.Equal(d.Text("name"), (await li.Deal(id)).Text("name"));
            Assert.True((int)bulk.Status is 200 or 400 or 422, bulk.Text);
        }
        // The stay in the last stage has ended with it.
        Assert.DoesNotContain("\"leftAt\":null", (await li.Get($"{Advances}?opportunityId={lost}&columns=leftAt")).Ok().Text);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-11")]
    public async Task People_are_reminded_of_signing_of_a_stay_exceeded_and_of_bid_dates(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var id = await li.Create(All, new { name = Crm.Name("投标"), kind = "bid", customerId = await li.Customer(Crm.Name("客户")), signDate = "2098-03-10", bidStart = "2098-02-01", bidEnd = "2098-02-20" });
        (await li.Post(All, new { name = Crm.Name("投标"), kind = "bid", customerId = await li.Customer(Crm.Name("客户")), bidStart = "2098-02-21", bidEnd = "2098-02-20" })).Refused(400);
        foreach (var field in new[] { "signDate", "stageDue", "bidStart", "bidEnd" }) (await li.Post($"{All}/{id}/reminders", new { field, days = -1, atMinute = 540, minutes = 0, whom = "owner", repeat = "none" })).Ok();
        var due = (await li.Get($"{All}/{id}/reminders")).Ok().Json.EnumerateArray().ToDictionary(r => r.GetProperty("wish").GetProperty("field").GetString()!, r => r.GetProperty("dueAt").GetDateTime());
        Assert.Equal((new DateTime(2098, 3, 9, 1, 0, 0), new DateTime(2098, 2, 19, 1, 0, 0)), (due["signDate"], due["bidEnd"]));
        // The stay expected moves with the stage.
        (await li.Post($"{All}/{id}/start", new { })).Ok();
        (await li.Advance(id, (await li.StagesOf("bid"))[3].Id)).Ok();
        var moved = (await li.Get($"{All}/{id}/reminders")).Ok().Json.EnumerateArray().Single(r => r.GetProperty("wish").GetProperty("field").GetString() == "stageDue").GetProperty("dueAt").GetDateTime();
        Assert.Equal(-5, (moved - due["stageDue"]).TotalDays);
        Assert.Empty(await li.List($"{All}?view=overdue"));
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-3")]
    public async Task What_rests_wakes_by_itself_once_on_its_day_or_by_hand(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (slept, late, hand) = (await li.Deal(1m), await li.Deal(2m), await li.Deal(3m));
        Task<Answer> Pause(long id, string day) => li.Post($"{All}/{id}/pause", new { reason = "budget", wakeOn = day, note = "等预算" });
        (await Pause(slept, "2026-04-01")).Refused(400);
        (await li.Post($"{All}/{slept}/pause", new { reason = "budget" })).Refused(400);
        (await li.Post($"{All}/{slept}/pause", new { reason = "没有这个", wakeOn = Day(1) })).Refused(400);
        (await Pause(slept, Day(2))).Ok();
        (await Pause(late, Day(10))).Ok();
        (await Pause(hand, Day(30))).Ok();
        Assert.Equal(new[] { slept, late, hand }.Order(), (await li.List($"{All}?view=paused")).Order());
        Assert.Empty(await li.List($"{All}?view=mine"));
        (await li.Post($"{All}/{hand}/resume", new { })).Ok();
        Assert.Equal([hand], await li.List($"{All}?view=mine"));
        async Task Wake() => await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => crm.Send(crm.Admin, new WakeOpportunities())));
        await Wake();
        Assert.Equal("paused", (await li.Deal(slept)).Text("status"));
        // The day has come and gone while the server was down.
        var (db, gone) = (crm.Db, DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-3));
        await db.Unit(() => db.Execute($"update opportunities.opportunity set wake_on = {gone} where id = {slept} and {Sql.Trusted($"{Sql.Guard}opportunity{Sql.Guard}")} 1 = 1"));
        await Wake();
        await Wake();
        Assert.Equal(("running", "paused"), ((await li.Deal(slept)).Text("status"), (await li.Deal(late)).Text("status")));
        Assert.Single((await li.Get("/api/platform/messages")).Ok().Json.EnumerateArray(), m => m.GetProperty("text").GetString()!.Contains("唤醒日期"));

        static string Day(int days) => DateOnly.FromDateTime(DateTime.UtcNow).AddDays(days + 1).ToString("yyyy-MM-dd");
    }
}
