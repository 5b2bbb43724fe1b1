using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Opportunities;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Marketing.Campaigner;

namespace KuaipuCrm.Tests.Marketing;

/// <summary>A campaign from its plan to its end: approved, run, final; with all that belongs to it.</summary>
public class Living
{
    [Theory, OnEveryEngine, Trait("req", "MKT-1")]
    public async Task A_campaign_is_planned_with_budget_products_and_targets_and_adds_them_up(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        (await li.Post(All, new { name = Crm.Name("倒"), startDate = "2098-05-02", endDate = "2098-05-01" })).Refused(400);
        (await li.Post(All, new { name = Crm.Name("无类型"), type = "没有" })).Refused(400);
        var id = await li.Campaign(running: false, new { type = "exhibition", purpose = "收集线索", place = "上海", startDate = "2098-05-01", endDate = "2098-05-03", expectedLeads = 50, expectedOpportunities = 10, expectedAmount = 500_000m });
        Assert.Equal(("draft", "HD"), ((await li.Campaign(id)).Text("status"), (await li.Campaign(id)).Text("number")[..2]));
        // Items that several add at once are all in the sum.
        var items = await Task.WhenAll(Enumerable.Range(1, 10).Select(i => li.Create(BudgetRows, new { campaignId = id, subject = $"项目{i}", planned = 100.5m, actual = 10m })));
        Assert.Equal(("1005", "100"), ((await li.Campaign(id)).Text("budget"), (await li.Campaign(id)).Text("cost")));
        (await li.Delete($"{BudgetRows}/{items[0]}")).Ok();
        Assert.Equal(("904.5", "90"), ((await li.Campaign(id)).Text("budget"), (await li.Campaign(id)).Text("cost")));
        var product = await crm.Admin.Create("/api/settings/products", new { name = Crm.Name("货品") });
        await li.Create(ProductRows, new { campaignId = id, productId = product, quantity = 5, amount = 2000m });
        (await li.Post(ProductRows, new { campaignId = id, productId = product })).Refused(400);
        Assert.Equal("2000", (await li.Campaign(id)).Text("plannedSales"));
        // The sums and the status are nobody's to write.
        foreach (var wrong in new object[] { new { budget = 1m, version = 1 }, new { status = "done", version = 1 } }) (await li.Patch($"{All}/{id}", wrong)).Refused(400);
        // Whoever doesn't see it adds nothing to it.
        var wu = await crm.Hire(Rights);
        (await wu.Post(BudgetRows, new { campaignId = id, subject = "混入", planned = 1m })).Refused(400);
        (await wu.Get($"{All}/{id}")).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-2")]
    public async Task What_is_done_or_cancelled_is_final_on_every_path(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Rights, "marketing.campaigns.batch", "marketing.campaigns.import", "marketing.campaigns.restore", "marketing.campaigns.assign"]);
        var draft = await li.Campaign(running: false);
        foreach (var act in new[] { "finish", "cancel" }) (await li.Post($"{All}/{draft}/{act}", new { reason = "x" })).Refused(422);
        var (done, cancelled) = (await li.Campaign(), await li.Campaign());
        (await li.Post($"{All}/{done}/start", new { })).Refused(422);
        (await li.Post($"{All}/{cancelled}/cancel", new { })).Refused(400);
        var parts = new Dictionary<long, (long Item, long Target)>();
        foreach (var id in new[] { done, cancelled }) parts[id] = (await li.Create(BudgetRows, new { campaignId = id, subject = "场地" }), await li.Create(TargetRows, new { campaignId = id, customerId = await li.Customer(Crm.Name("目标")) }));
        // Of twenty who end it in two ways at once one does.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? li.Post($"{All}/{done}/finish", new { summary = "不错" }) : li.Post($"{All}/{done}/cancel", new { reason = "停电" })));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 200));
        Assert.All(answers.Where(a => (int)a.Status != 200), a => Assert.True((int)a.Status is 409 or 422, a.Text));
        (await li.Post($"{All}/{cancelled}/cancel", new { reason = "场地取消" })).Ok();
        foreach (var id in new[] { done, cancelled })
        {
            var c = await li.Campaign(id);
            Assert.Contains(c.Text("status"), new[] { "done", "cancelled" });
            Assert.NotEqual(JsonValueKind.Null, c.GetProperty("endedAt").ValueKind);
            (await li.Patch($"{All}/{id}", new { place = "别处", version = c.GetProperty("version").GetInt64() })).Refused(400);
            foreach (var act in new[] { "start", "finish" }) (await li.Post($"{All}/{id}/{act}", new { })).Refused(422);
            (await li.Post($"{All}/{id}/cancel", new { reason = "x" })).Refused(422);
            var batch = await li.Post($"{All}/change", new { ids = new[] { id }, values = new { type = "salon" } });
            Assert.True((int)batch.Status == 400 || batch.Json.GetProperty("done").GetInt32() == 0, batch.Text);
            var bulk = await li.Post($"{All}/bulk", new { rows = new[] { new { id, version = c.GetProperty("version").GetInt64(), place = "别处" } }, mode = "good" });
            Assert.True((int)bulk.Status is 200 or 400 or 422, bulk.Text);
            // Nor what belongs to it, on any way.
            var (item, target) = parts[id];
            (await li.Post(BudgetRows, new { campaignId = id, subject = "迟了" })).Refused(400);
            (await li.Patch($"{BudgetRows}/{item}", new { actual = 5m, version = 1 })).Refused(400);
            (await li.Delete($"{BudgetRows}/{item}")).Refused(422);
            (await li.Delete($"{TargetRows}/{target}")).Refused(422);
            (await li.Post(TargetRows, new { campaignId = id, customerId = await li.Customer(Crm.Name("迟")) })).Refused(400);
            (await li.Post($"{TargetRows}/add", new { ids = new[] { await li.Customer(Crm.Name("迟")) }, campaignId = id })).Refused(422);
            (await li.Post($"{TargetRows}/{target}/answer", new { answer = "迟了" })).Refused(422);
            (await li.Post($"{All}/{id}/participants", new { userId = crm.Admin.Id })).Refused(422);
            (await li.Post($"{All}/{id}/web-form", new { open = true })).Refused(422);
            Assert.NotEqual(204, (int)(await li.Delete($"{All}/{id}")).Status);
            Assert.Equal((c.Text("version"), ""), ((await li.Campaign(id)).Text("version"), (await li.Campaign(id)).Text("place")));
            // It may still change hands, as what people leave behind.
            (await li.Patch($"{All}/{id}", new { ownerId = crm.Admin.Id, version = c.GetProperty("version").GetInt64() })).Ok();
        }
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-2"), Trait("req", "DOC-14")]
    public async Task Neither_an_import_nor_an_undo_changes_what_is_over(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Rights, "marketing.campaigns.batch", "marketing.campaigns.import", "marketing.budgets.import", "marketing.budgets.batch"]);
        var (id, open) = (await li.Campaign(more: new { place = "原处", type = "salon" }), await li.Campaign(more: new { place = "原处" }));
        var batch = (await li.Post($"{All}/change", new { ids = new[] { id }, values = new { type = "online" } })).Ok().Json.GetProperty("operationId").GetInt64();
        var item = await li.Create(BudgetRows, new { campaignId = id, subject = "场地", category = "travel" });
        var items = (await li.Post($"{BudgetRows}/change", new { ids = new[] { item }, values = new { category = "other" } })).Ok().Json.GetProperty("operationId").GetInt64();
        (await li.Post($"{All}/{id}/finish", new { })).Ok();
        var c = await li.Campaign(id);
        async Task Import(string rows, string csv, object columns, string? updateKey)
        {
            var file = (await li.Send(HttpMethod.Post, $"{rows}/import/files?name=x.csv", new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(csv)) { Headers = { ContentType = new("application/octet-stream") } })).Ok().Json.GetProperty("file").GetString();
            var operation = (await li.Post($"{rows}/import", new { file, sheet = 0, columns, updateKey, mode = "GoodRows" })).Ok().Json.GetInt64();
            for (var i = 0; i < 300 && (await li.Get($"{rows}/import/{operation}")).Ok().Json.GetProperty("operation").GetProperty("state").GetString() is "waiting" or "running"; i++) await Task.Delay(100);
        }
        var numbered = new Dictionary<string, string> { ["0"] = "number", ["1"] = "name", ["2"] = "place" };
        await Import(All, $"编号,活动名称,活动地点\n{c.Text("number")},{c.Text("name")},新处\n{(await li.Campaign(open)).Text("number")},{(await li.Campaign(open)).Text("name")},新处\n", numbered, "number");
        Assert.Equal(("原处", "新处"), ((await li.Campaign(id)).Text("place"), (await li.Campaign(open)).Text("place")));
        var lines = new Dictionary<string, string> { ["0"] = "subject", ["1"] = "campaignId", ["2"] = "planned" };
        await Import(BudgetRows, $"预算项目,市场活动,预算金额\n迟了,{c.Text("number")},5\n正好,{(await li.Campaign(open)).Text("number")},5\n", lines, null);
        Assert.Equal(("", "5"), ((await li.Campaign(id)).Text("budget"), (await li.Campaign(open)).Text("budget")));
        foreach (var operation in new[] { batch, items }) (await li.Post($"/api/platform/operations/{operation}/undo", new { })).Ok();
        Assert.Equal("other", (await li.Get($"{BudgetRows}/{item}")).Ok().Json.Text("category"));
        Assert.Equal(("online", c.Text("version")), ((await li.Campaign(id)).Text("type"), (await li.Campaign(id)).Text("version")));
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-2"), Trait("req", "DOC-9")]
    public async Task Where_a_flow_fits_a_campaign_starts_once_it_is_approved_and_its_budget_stands(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (boss, department) = (await crm.Hire(Rights), await crm.Department("市场部"));
        var li = await crm.Hire(department, await crm.Role(Rights));
        (await crm.Admin.Post("/api/platform/flows", new { type = "campaign", name = Crm.Name("活动审批"), definition = new { steps = new[] { new { name = "经理", by = "Users", ids = new[] { boss.Id } } }, conditions = new[] { new { field = "budget", op = "From", values = new[] { "1000" } } }, departments = new[] { department } } })).Ok();
        async Task Decide(string decision)
        {
            var task = (await boss.Get("/api/platform/approvals?list=waiting")).Ok().Json[0].GetProperty("taskId").GetInt64();
            (await boss.Post($"/api/platform/approval-tasks/{task}/decide", new { decision, note = "看过" })).Ok();
        }
        async Task Becomes(long id, string status)
        {
            for (var i = 0; i < 100 && (await li.Campaign(id)).Text("status") != status; i++) await Task.Delay(50);
            Assert.Equal(status, (await li.Campaign(id)).Text("status"));
        }
        // A cheap one starts at once; a dear one is approved first.
        var cheap = await li.Campaign();
        // Nor does it grow dear once it runs.
        Assert.Contains("需要审核", (await li.Post(BudgetRows, new { campaignId = cheap, subject = "追加", planned = 5000m })).Refused(422).Text);
        (await li.Post(BudgetRows, new { campaignId = cheap, subject = "茶水", planned = 100m, actual = 90m })).Is(201);
        Assert.Equal("100", (await li.Campaign(cheap)).Text("budget"));
        var id = await li.Campaign(running: false);
        var item = await li.Create(BudgetRows, new { campaignId = id, subject = "展位", planned = 5000m });
        Assert.Contains("提交审核", (await li.Post($"{All}/{id}/start", new { })).Refused(422).Text);
        // Nor does a colleague start it for whom no flow fits.
        var wu = await crm.Hire(await crm.Department("别的部门"), await crm.Role(Rights));
        (await li.Post($"{All}/{id}/participants", new { userId = wu.Id })).Ok();
        Assert.Contains("提交审核", (await wu.Post($"{All}/{id}/start", new { })).Refused(422).Text);
        (await li.Post($"{All}/{id}/submit", new { version = await li.Version(id) })).Ok();
        // Frozen while it is looked at, with its budget.
        (await li.Patch($"{BudgetRows}/{item}", new { planned = 9000m, version = 1 })).Refused(400);
        (await li.Post($"{All}/{id}/start", new { })).Refused(422);
        await Decide("Reject");
        await Becomes(id, "draft");
        (await li.Patch($"{BudgetRows}/{item}", new { planned = 4000m, version = 1 })).Ok();
        (await li.Post($"{All}/{id}/submit", new { version = await li.Version(id) })).Ok();
        await Decide("Approve");
        await Becomes(id, "approved");
        // What was approved as a budget stays; what is spent is written down.
        (await li.Patch($"{BudgetRows}/{item}", new { planned = 9000m, version = 2 })).Refused(400);
        (await li.Post(BudgetRows, new { campaignId = id, subject = "追加", planned = 100m })).Refused(400);
        (await li.Delete($"{BudgetRows}/{item}")).Refused(422);
        (await li.Patch($"{BudgetRows}/{item}", new { actual = 4200m, version = 2 })).Ok();
        // Changed before the start: approved anew.
        (await li.Patch($"{All}/{id}", new { place = "北京", version = await li.Version(id) })).Is(409);
        (await li.Patch($"{All}/{id}", new { place = "北京", version = await li.Version(id), confirmed = new[] { "approved" } })).Ok();
        Assert.Equal("draft", (await li.Campaign(id)).Text("status"));
        (await li.Post($"{All}/{id}/submit", new { version = await li.Version(id) })).Ok();
        await Decide("Approve");
        await Becomes(id, "approved");
        (await li.Post($"{All}/{id}/start", new { })).Ok();
        Assert.Equal(("running", "4200"), ((await li.Campaign(id)).Text("status"), (await li.Campaign(id)).Text("cost")));
        // Changed while it runs, it is no longer approved; its budget is not open for that.
        (await li.Patch($"{All}/{id}", new { place = "上海", version = await li.Version(id), confirmed = new[] { "approved" } })).Ok();
        (await li.Patch($"{BudgetRows}/{item}", new { planned = 90_000m, version = 3 })).Refused(422);
        (await li.Post($"{All}/{id}/finish", new { })).Ok();
        // What is final is handed in no more, and may still change hands.
        (await li.Post($"{All}/{id}/submit", new { version = await li.Version(id) })).Refused(422);
        (await crm.Admin.Patch($"{All}/{id}", new { ownerId = boss.Id, version = await li.Version(id) })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-1")]
    public async Task However_many_add_the_same_customers_each_stands_once_and_the_act_is_undone_as_a_whole(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var id = await li.Campaign();
        var customers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => li.Customer(Crm.Name("目标"))));
        var foreign = await (await crm.Hire(Rights)).Customer(Crm.Name("别人的"));
        var contact = await li.Contact(Crm.Name("联系人"), new { employerId = customers[0] });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? li.Post($"{TargetRows}/add", new { ids = (long[])[.. customers, foreign], campaignId = id })
            : li.Post(TargetRows, new { campaignId = id, customerId = customers[i % 5] })));
        Assert.All(answers, a => Assert.True((int)a.Status is 200 or 201 or 400, a.Text));
        Assert.Equal(5, (await li.List($"{TargetRows}?campaignId={id}")).Count);
        // A contact of a customer is another target, once.
        var named = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => li.Post(TargetRows, new { campaignId = id, customerId = customers[0], contactId = contact })));
        Assert.Equal(1, named.Count(a => (int)a.Status is 200 or 201));
        Assert.Equal(6, (await li.List($"{TargetRows}?tiedTo={id}&tiedBy=targets")).Count);
        Assert.Single(await li.List($"{TargetRows}?tiedTo={customers[1]}&tiedBy=campaigns"));
        // The act of many is undone in one.
        var other = await li.Campaign();
        var added = (await li.Post($"{TargetRows}/add", new { ids = (long[])[.. customers, foreign], campaignId = other })).Ok().Json;
        Assert.Equal((5, 1), (added.GetProperty("done").GetInt32(), added.GetProperty("problems").GetArrayLength()));
        (await li.Post($"/api/platform/operations/{added.GetProperty("operationId").GetInt64()}/undo", new { })).Ok();
        Assert.Empty(await li.List($"{TargetRows}?campaignId={other}"));
        // Not into a campaign out of sight.
        (await (await crm.Hire(Rights)).Post($"{TargetRows}/add", new { ids = customers, campaignId = id })).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-1"), Trait("req", "MKT-7"), Trait("req", "SEC-2")]
    public async Task Who_takes_part_sees_and_adds_and_superiors_comment(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (department, role) = (await crm.Department(Crm.Name("市场部")), await crm.Role(Rights, ScopeKind.OwnAndSubordinates));
        var boss = await crm.Hire(department, role);
        var li = await crm.Hire(department, role, boss.Id);
        var wu = await crm.Hire(Rights);
        var id = await li.Campaign();
        var item = await li.Create(BudgetRows, new { campaignId = id, subject = "场地", planned = 1m });
        (await wu.Get($"{All}/{id}")).Refused(404);
        var twice = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => li.Post($"{All}/{id}/participants", new { userId = wu.Id })));
        Assert.Equal(1, twice.Count(a => (int)a.Status == 200));
        Assert.Contains("请您参与", (await wu.Get("/api/platform/messages")).Ok().Text);
        Assert.Single(await wu.List($"{All}?view=joined"));
        Assert.Equal([item], await wu.List($"{BudgetRows}?campaignId={id}"));
        await wu.Create(BudgetRows, new { campaignId = id, subject = "补充", planned = 2m });
        Assert.Equal("3", (await li.Campaign(id)).Text("budget"));
        (await wu.Post($"{All}/{id}/participants", new { userId = crm.Admin.Id })).Refused(422);
        (await boss.Post($"{All}/{id}/comments", new { text = "预算再压一压" })).Ok();
        Assert.Contains("预算再压一压", (await li.Get("/api/platform/comments?type=campaign")).Ok().Text);
        (await li.Post($"{All}/{id}/participants/{wu.Id}/remove", new { })).Ok();
        (await wu.Get($"{All}/{id}")).Refused(404);
        Assert.DoesNotContain(item, await wu.List($"{BudgetRows}?campaignId={id}"));
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-4"), Trait("req", "MKT-5"), Trait("req", "SEC-2")]
    public async Task The_result_counts_what_the_lists_show_under_each_scope(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("效果部");
        var (own, whole) = (await crm.Role(Rights), await crm.Role(Rights, ScopeKind.DepartmentAndBelow));
        var (li, wu, boss) = (await crm.Hire(department, own), await crm.Hire(department, own), await crm.Hire(department, whole));
        var id = await li.Campaign(more: new { expectedLeads = 10, expectedOpportunities = 4, expectedAmount = 1000m });
        (await li.Post($"{All}/{id}/participants", new { userId = wu.Id })).Ok();
        await li.Create(BudgetRows, new { campaignId = id, subject = "费用", planned = 400m, actual = 300m });
        foreach (var who in new[] { li, li, wu }) await who.Create(LeadRows, new { subject = Crm.Name("线索"), campaignId = id });
        async Task<long> Deal(Employee who, decimal amount, string end)
        {
            var deal = await who.Create(Dealer.All, new { name = Crm.Name("商机"), customerId = await who.Customer(Crm.Name("客户")), amount, campaignId = id });
            (await who.Post($"{Dealer.All}/{deal}/start", new { })).Ok();
            if (end.Length > 0) (await who.Post($"{Dealer.All}/{deal}/{end}", new { reason = "price" })).Ok();
            return deal;
        }
        foreach (var (who, amount, end) in new[] { (li, 600m, "win"), (li, 100m, ""), (wu, 300m, "win"), (wu, 50m, "lose") }) await Deal(who, amount, end);
        foreach (var who in new[] { li, wu, boss })
        {
            var r = (await who.Get($"{All}/{id}/result")).Ok().Json;
            Assert.Equal((await who.List($"{LeadRows}?tiedTo={id}&tiedBy=campaign-leads")).Count, r.GetProperty("leads").GetInt32());
            Assert.Equal((await who.List($"{Dealer.All}?tiedTo={id}&tiedBy=campaign-opportunities")).Count, r.GetProperty("opportunities").GetInt32());
            Assert.Equal((await who.List($"{Dealer.All}?campaignId={id}&status=won")).Count, r.GetProperty("wonOpportunities").GetInt32());
        }
        var mine = (await li.Get($"{All}/{id}/result")).Ok().Json;
        Assert.Equal(("600", "100", "2", "2"), (mine.Text("wonAmount"), mine.Text("openAmount"), mine.Text("leads"), mine.Text("opportunities")));
        // All of the cost by some of what came of it would be no figure, and is told not to be one.
        foreach (var ratio in new[] { "costPerLead", "costPerOpportunity", "return" }) Assert.Equal(JsonValueKind.Null, mine.GetProperty(ratio).ValueKind);
        Assert.Equal((false, false), (mine.GetProperty("allLeads").GetBoolean(), mine.GetProperty("allOpportunities").GetBoolean()));
        var all = (await boss.Get($"{All}/{id}/result")).Ok().Json;
        Assert.Equal(("3", "4", "900", "100", "75", "2", "400", "300"), (all.Text("leads"), all.Text("opportunities"), all.Text("wonAmount"), all.Text("costPerLead"), all.Text("costPerOpportunity"), all.Text("return"), all.Text("budget"), all.Text("cost")));
        Assert.Equal((true, true), (all.GetProperty("allLeads").GetBoolean(), all.GetProperty("allOpportunities").GetBoolean()));
        // Who may not see leads at all is told no number.
        var blind = await crm.Hire(department, await crm.Role(["marketing.campaigns.read"], ScopeKind.All));
        Assert.Equal(JsonValueKind.Null, (await blind.Get($"{All}/{id}/result")).Ok().Json.GetProperty("leads").ValueKind);
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-6"), Trait("req", "MKT-4")]
    public async Task An_answer_becomes_one_lead_with_the_campaign_however_many_write_it_down(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (id, customer) = (await li.Campaign(more: new { type = "mail" }), await li.Customer(Crm.Name("答复客户")));
        var target = await li.Create(TargetRows, new { campaignId = id, customerId = customer });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => li.Post($"{TargetRows}/{target}/answer", new { answer = "想要报价" })));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 200));
        Assert.All(answers.Where(a => (int)a.Status != 200), a => Assert.True((int)a.Status is 409 or 422, a.Text));
        var lead = (await li.Get($"{LeadRows}/{Assert.Single(await li.List($"{LeadRows}?campaignId={id}"))}")).Ok().Json;
        Assert.Equal((customer.ToString(), id.ToString(), "想要报价", "found"), (lead.Text("customerId"), lead.Text("campaignId"), lead.Text("content"), lead.Text("withCustomer")));
        Assert.Equal(lead.Text("id"), (await li.Get($"{TargetRows}/{target}")).Ok().Json.Text("leadId"));
        // It says where it came from, and may be corrected.
        Assert.Equal("mail-inquiry", lead.Text("source"));
        (await li.Patch($"{LeadRows}/{lead.Text("id")}", new { source = "phone", version = lead.GetProperty("version").GetInt64() })).Ok();
        // Another kind of campaign is another source; where the kind tells nothing, neither does the lead.
        foreach (var (type, source) in new[] { ("exhibition", "exhibition"), ("salon", "") })
        {
            var other = await li.Create(TargetRows, new { campaignId = await li.Campaign(more: new { type }), customerId = customer });
            Assert.Equal(source, (await li.Get($"{LeadRows}/{(await li.Post($"{TargetRows}/{other}/answer", new { answer = "想要样品" })).Ok().Json.GetInt64()}")).Ok().Json.Text("source"));
        }
    }
}
