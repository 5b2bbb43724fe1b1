using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Events;
using KuaipuCrm.Tests.Opportunities;
using KuaipuCrm.Tests.Running;
using KuaipuCrm.Tests.Tracking;
using Xunit;

namespace KuaipuCrm.Tests.Leads;

/// <summary>A lead from coming in to opportunity or end.</summary>
public class Following
{
    private const string All = "/api/leads/leads", Rules = "/api/leads/rules", Deals = Dealer.All;

    private static readonly string[] Rights = [.. Seller.Rights.Concat(Dealer.Rights).Distinct(), .. from right in new[] { "read", "create", "update", "delete", "export", "batch", "import" } select $"leads.leads.{right}"];

    private static async Task<JsonElement> Lead(Employee who, long id) => (await who.Get($"{All}/{id}")).Ok().Json;

    private static string Mobile() => $"139{Random.Shared.Next(10_000_000, 99_999_999)}";

    [Theory, OnEveryEngine, Trait("req", "LEA-1"), Trait("req", "LEA-3")]
    public async Task A_lead_needs_no_customer_is_followed_given_up_and_taken_up_again(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var id = await li.Create(All, new { content = "想了解报价\n下周回电", source = "phone" });
        var lead = await Lead(li, id);
        Assert.Equal(("想了解报价", "open", "none"), (lead.Text("subject"), lead.Text("status"), lead.Text("withCustomer")));
        var named = await li.Create(All, new { company = Crm.Name("新公司"), source = "phone" });
        Assert.Equal("new", (await Lead(li, named)).Text("withCustomer"));
        Assert.Contains("（电话咨询）", (await Lead(li, named)).Text("subject"));
        (await li.Post(All, new { })).Refused(400);
        (await li.Post(All, new { subject = "错", mobile = "12345" })).Refused(400);
        (await li.Post(All, new { subject = "错", withCustomer = "found" })).Refused(400);
        (await li.Post($"{All}/{id}/follow", new { })).Ok();
        (await li.Post($"{All}/{id}/follow", new { })).Refused(422);
        (await li.Post($"{All}/{id}/invalidate", new { reason = "没有这个" })).Refused(400);
        (await li.Post($"{All}/{id}/invalidate", new { reason = "no-need", note = "只是问问" })).Ok();
        // What is over stays as it is: form, many at once, bulk, conversion.
        lead = await Lead(li, id);
        (await li.Patch($"{All}/{id}", new { content = "改", version = lead.GetProperty("version").GetInt64() })).Refused(400);
        await li.Post($"{All}/change", new { ids = new[] { id }, values = new { source = "website" } });
        await li.Post($"{All}/bulk", new { rows = new[] { new { id, version = lead.GetProperty("version").GetInt64(), values = new { content = "改" } } }, allOrNothing = false });
        (await li.Post($"{All}/{id}/convert", new { company = Crm.Name("迟") })).Refused(422);
        Assert.Equal(("想了解报价\n下周回电", "phone"), ((await Lead(li, id)).Text("content"), (await Lead(li, id)).Text("source")));
        (await li.Post($"{All}/{id}/reopen", new { })).Ok();
        Assert.Equal(("open", JsonValueKind.Null), ((await Lead(li, id)).Text("status"), (await Lead(li, id)).GetProperty("invalidReason").ValueKind));
        (await (await crm.Hire(Rights)).Get($"{All}/{id}")).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "LEA-5")]
    public async Task Doubles_among_leads_customers_and_contacts_are_told_by_owner_and_refused_in_an_import(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var (mobile, second, company) = (Mobile(), Mobile(), Crm.Name("重复科技有限公司"));
        await li.Create(All, new { subject = "先来的", mobile });
        var customer = await li.Customer(company);
        await li.Contact(Crm.Name("张"), new { employerId = customer, mobile = second });
        foreach (var again in new object[] { new { subject = "又来", mobile }, new { subject = "又来", mobile = second }, new { subject = "又来", company } })
        {
            var told = (await wu.Post(All, again)).Is(409);
            Assert.Contains(li.Name, told.Text);
            Assert.Contains("duplicate", told.Text);
        }
        var made = (await wu.Post(All, new { subject = "确认", mobile, confirmed = new[] { "duplicate" } })).Ok();
        // Untouched numbers are not asked about again.
        (await wu.Patch($"{All}/{made.Json.GetProperty("id").GetInt64()}", new { content = "补充", version = 1 })).Ok();
        var bulk = (await wu.Post($"{All}/bulk", new { rows = new[] { new { values = new { subject = "批量", mobile = second } } }, allOrNothing = false }));
        Assert.DoesNotContain("\"created\"", bulk.Text);
    }

    [Theory, OnEveryEngine, Trait("req", "LEA-3")]
    public async Task Leads_are_given_out_in_turn_by_the_first_rule_that_fits_however_many_give_at_once(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("线索部");
        var role = await crm.Role(Rights);
        var people = new List<Employee>();
        for (var i = 0; i < 3; i++) people.Add(await crm.Hire(department, role));
        var boss = await crm.Hire([.. Rights, "leads.leads.assign", "leads.rules.read"], ScopeKind.All);
        var rule = await crm.Admin.Create(Rules, new { name = Crm.Name("搜索来的"), sort = Random.Shared.Next(1, 9999), source = "search", automatic = true });
        foreach (var p in people) (await crm.Admin.Post($"{Rules}/{rule}/members/{p.Id}/add", new { })).Ok();
        Assert.Equal(3, (await crm.Admin.Get($"/api/settings/users?tiedTo={rule}&tiedBy=members")).Ok().Json.GetProperty("items").GetArrayLength());
        (await people[0].Post($"{Rules}/{rule}/members/{boss.Id}/add", new { })).Refused(403);
        // What comes in without an owner is given out at once: each in turn, exactly.
        var made = await Task.WhenAll(Enumerable.Range(0, 15).Select(i => boss.Create(All, new { subject = Crm.Name("进线"), source = "search", ownerId = (long?)null })));
        var owners = (await Task.WhenAll(made.Select(m => Lead(boss, m)))).Select(l => l.GetProperty("ownerId").GetInt64()).ToList();
        Assert.All(people, p => Assert.Equal(5, owners.Count(o => o == p.Id)));
        // Chosen ones, by hand and in turn; what is over, and what no rule fits, is told.
        var mine = new List<long>();
        for (var i = 0; i < 7; i++) mine.Add(await boss.Create(All, new { subject = Crm.Name("手工"), source = i == 0 ? "cold-visit" : "search" }));
        (await boss.Post($"{All}/{mine[1]}/invalidate", new { reason = "other" })).Ok();
        var result = (await boss.Post("/api/leads/leads/assign-in-turn", new { ids = mine, ruleId = rule })).Ok().Json;
        Assert.Equal((6, 1), (result.GetProperty("done").GetInt32(), result.GetProperty("problems").GetArrayLength()));
        foreach (var p in people) Assert.Equal(2, (await boss.List($"{All}?ownerId={p.Id}&text=手工")).Count);
        var has = (await Lead(boss, mine[2])).GetProperty("ownerId").GetInt64();
        (await boss.Post("/api/leads/leads/assign", new { ids = new[] { mine[2] }, toId = has })).Refused(422);
        (await boss.Post("/api/leads/leads/assign", new { ids = mine, toId = 1 })).Refused(400);
        (await people[1].Post("/api/leads/leads/assign", new { ids = mine, toId = people[0].Id })).Refused(403);
        Assert.Contains((await people[2].Get("/api/platform/messages")).Ok().Json.EnumerateArray(), m => m.GetProperty("kind").GetString() == "lead");
        // The whole is one act that can be taken back.
        (await boss.Post($"/api/platform/operations/{result.GetProperty("operationId").GetInt64()}/undo", new { })).Ok();
        Assert.Equal(boss.Id, (await Lead(boss, mine[3])).GetProperty("ownerId").GetInt64());
        (await crm.Admin.Patch($"{Rules}/{rule}", new { disabled = true, version = 1 })).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "LEA-4"), Trait("req", "LEA-2")]
    public async Task Twenty_who_convert_at_once_make_one_opportunity_one_customer_one_contact_and_lose_nothing(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (company, person, mobile) = (Crm.Name("转化科技有限公司"), Crm.Name("赵"), Mobile());
        var product = await crm.Admin.Create("/api/settings/products", new { name = Crm.Name("服务器"), retailPrice = 1000m });
        var id = await li.Create(All, new { subject = "要买服务器", content = "三台，月底前", source = "website", company, contactName = person, mobile, phone = "0571-88886666", post = "主任", address = "文三路 1 号" });
        (await li.Post($"{All}/{id}/products/{product}/add", new { })).Ok();
        await li.Create(Seller.Records, new { customerId = await li.Customer(Crm.Name("旁")), at = DateTime.UtcNow.AddMinutes(-5), method = "call", content = "谈过", leadId = id });
        await Delivering.Until(async () => (await Lead(li, id)).Text("status") == "following");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => li.Post($"{All}/{id}/convert", new { name = "服务器三台", amount = 3000m, signDate = "2099-12-31" })));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 200));
        Assert.All(answers.Where(a => (int)a.Status != 200), a => Assert.True((int)a.Status is 409 or 422, a.Text));
        var made = answers.Single(a => (int)a.Status == 200).Json;
        var deal = await li.Deal(made.GetProperty("opportunityId").GetInt64());
        Assert.Equal(("服务器三台", "三台，月底前", "website", id.ToString()), (deal.Text("name"), deal.Text("remarks"), deal.Text("source"), deal.Text("leadId")));
        var customer = await li.View("customers", made.GetProperty("customerId").GetInt64());
        Assert.Equal((company, "0571-88886666", "文三路 1 号"), (customer.Text("name"), customer.Text("phone"), customer.Text("address")));
        var contact = await li.View("contacts", made.GetProperty("contactId").GetInt64());
        Assert.Equal((person, mobile, "主任", customer.Text("id")), (contact.Text("name"), contact.Text("mobile"), contact.Text("post"), contact.Text("employerId")));
        Assert.Single(await li.List($"/api/customers/customers?name={Uri.EscapeDataString(company)}"));
        Assert.Single(await li.List($"{Deals}?tiedTo={id}&tiedBy=lead-opportunities"));
        Assert.Single(await li.List($"{Dealer.Lines}?opportunityId={deal.Text("id")}"));
        var lead = await Lead(li, id);
        Assert.Equal(("converted", deal.Text("id"), mobile), (lead.Text("status"), lead.Text("opportunityId"), lead.Text("mobile")));
        Assert.NotEqual(JsonValueKind.Null, lead.GetProperty("convertDays").ValueKind);
        await Delivering.Until(async () => (await li.List($"{Seller.Records}?opportunityId={deal.Text("id")}")).Count == 1);
        // Done is done, on every path.
        (await li.Patch($"{All}/{id}", new { content = "改", version = lead.GetProperty("version").GetInt64() })).Refused(400);
        (await li.Post($"{All}/{id}/invalidate", new { reason = "other" })).Refused(422);
        (await li.Post($"{All}/{id}/reopen", new { })).Refused(422);
        (await li.Delete($"{All}/{id}")).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "LEA-4")]
    public async Task Doubles_are_shown_before_and_an_existing_customer_contact_or_opportunity_is_tied(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var (company, foreign, mobile) = (Crm.Name("相同有限公司"), Crm.Name("他人有限公司"), Mobile());
        var customer = await li.Customer(company);
        var contact = await li.Contact(Crm.Name("钱"), new { employerId = customer, mobile });
        var theirs = await wu.Customer(foreign);
        Task<long> Fresh(object values) => li.Create(All, values);
        var id = await Fresh(new { subject = "查重", company, mobile, contactName = "钱", confirmed = new[] { "duplicate" } });
        var matches = (await li.Get($"{All}/{id}/matches")).Ok().Json.EnumerateArray().ToList();
        Assert.Contains(matches, m => m.Text("customerId") == customer.ToString() && m.Text("mine") == "True");
        Assert.Contains(matches, m => m.Text("contactId") == contact.ToString());
        // Nothing of it is there after a refusal.
        var asked = (await li.Post($"{All}/{id}/convert", new { name = "甲" })).Is(409);
        Assert.Contains("duplicate", asked.Text);
        Assert.Equal("open", (await Lead(li, id)).Text("status"));
        Assert.Single(await li.List($"/api/customers/customers?name={Uri.EscapeDataString(company)}"));
        (await li.Post($"{All}/{id}/convert", new { customerId = theirs })).Refused(400);
        (await li.Post($"{All}/{id}/convert", new { customerId = customer, contactId = contact, kind = "nichts" })).Refused(400);
        var made = (await li.Post($"{All}/{id}/convert", new { customerId = customer, contactId = contact })).Ok().Json;
        Assert.Equal((customer, contact), (made.GetProperty("customerId").GetInt64(), made.GetProperty("contactId").GetInt64()));
        // A customer of a colleague's: told by name and owner, not to be chosen.
        var other = await Fresh(new { subject = "他人的", company = foreign, confirmed = new[] { "duplicate" } });
        var hidden = (await li.Get($"{All}/{other}/matches")).Ok().Json.EnumerateArray().Single(m => m.Text("line").Contains(foreign));
        Assert.Equal((JsonValueKind.Null, "False"), (hidden.GetProperty("customerId").ValueKind, hidden.Text("mine")));
        Assert.Contains(wu.Name, hidden.Text("line"));
        (await li.Post($"{All}/{other}/convert", new { anyway = true })).Ok();
        // Tied to one that is there; not to one of another lead, nor to one that is over.
        var deal = await li.Deal(1m, customer: customer);
        var third = await Fresh(new { subject = "关联" });
        (await li.Post($"{All}/{third}/convert", new { })).Refused(400);
        (await li.Post($"{All}/{third}/convert", new { opportunityId = made.GetProperty("opportunityId").GetInt64() })).Refused(400);
        Assert.Equal(customer, (await li.Post($"{All}/{third}/convert", new { opportunityId = deal })).Ok().Json.GetProperty("customerId").GetInt64());
        Assert.Equal(third.ToString(), (await li.Deal(deal)).Text("leadId"));
        // Only a name: a person customer, its own contact.
        var person = await Fresh(new { subject = "个人", contactName = Crm.Name("孙"), mobile = Mobile() });
        var single = (await li.Post($"{All}/{person}/convert", new { })).Ok().Json;
        Assert.Equal("person", (await li.View("customers", single.GetProperty("customerId").GetInt64())).Text("nature"));
        Assert.NotEqual(JsonValueKind.Null, single.GetProperty("contactId").ValueKind);
    }

    [Theory, OnEveryEngine, Trait("req", "LEA-6"), Trait("req", "SEC-2")]
    public async Task The_analysis_counts_what_the_lists_show(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("分析部");
        var (own, all) = (await crm.Role(Rights), await crm.Role(Rights, ScopeKind.DepartmentAndBelow));
        var (li, wu, boss) = (await crm.Hire(department, own), await crm.Hire(department, own), await crm.Hire(department, all));
        foreach (var (who, source, what) in new[] { (li, "website", "convert"), (li, "website", ""), (li, "phone", "invalidate"), (wu, "website", "follow"), (wu, null, ""), (wu, "website", "convert") })
        {
            // What is converted came in three days ago, or one.
            var id = await who.Create(All, new { subject = Crm.Name("分析"), source, at = DateTime.UtcNow.AddDays(what != "convert" ? 0 : who == li ? -3 : -1) });
            if (what == "convert") (await who.Post($"{All}/{id}/convert", new { company = Crm.Name("分析客户") })).Ok();
            else if (what.Length > 0) (await who.Post($"{All}/{id}/{what}", new { reason = "other" })).Ok();
        }
        foreach (var who in new[] { li, wu, boss })
            foreach (var by in new[] { "source", "owner", "month" })
            {
                var rows = (await who.Get($"/api/leads/analysis?by={by}&from={DateTime.UtcNow.AddDays(-40):yyyy-MM-dd}")).Ok().Json.EnumerateArray().ToList();
                Assert.Equal((await who.List($"{All}?at.from={DateTime.UtcNow.AddDays(-40):yyyy-MM-dd}")).Count, rows.Sum(r => r.GetProperty("count").GetInt32()));
                foreach (var status in new[] { "open", "following", "converted", "invalid" })
                    Assert.Equal((await who.List($"{All}?status={status}")).Count, rows.Sum(r => r.GetProperty(status).GetInt32()));
            }
        var website = (await li.Get("/api/leads/analysis")).Ok().Json.EnumerateArray().Single(r => r.Text("key") == "website");
        Assert.Equal(("0.5", "2", 3m), (website.Text("rate"), website.Text("count"), website.GetProperty("days").GetDecimal()));
        // On average over those converted, not over all.
        var both = (await boss.Get("/api/leads/analysis")).Ok().Json.EnumerateArray().Single(r => r.Text("key") == "website");
        Assert.Equal(("4", 2m), (both.Text("count"), both.GetProperty("days").GetDecimal()));
        Assert.Equal([1m, 3m], (await boss.Get("/api/leads/analysis?by=owner")).Ok().Json.EnumerateArray().Select(r => r.GetProperty("days").GetDecimal()).Order());
        Assert.Equal(JsonValueKind.Null, (await li.Get("/api/leads/analysis")).Ok().Json.EnumerateArray().Single(r => r.Text("key") == "phone").GetProperty("days").ValueKind);
        (await li.Get("/api/leads/analysis?by=nichts")).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-4"), Trait("req", "OPP-7")]
    public async Task A_contact_record_makes_one_lead_and_one_opportunity_ever_however_many_click(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var customer = await li.Customer(Crm.Name("联系客户"));
        var contact = await li.Contact(Crm.Name("周"), new { employerId = customer });
        var record = await li.Contacted(customer, contact);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? li.Post($"/api/leads/records/{record}/make-lead", new { }) : li.Post($"/api/opportunities/records/{record}/make-opportunity", new { name = "由联系而来", amount = 10m })));
        Assert.Equal(2, answers.Count(a => (int)a.Status == 200));
        Assert.All(answers.Where(a => (int)a.Status != 200), a => Assert.True((int)a.Status is 409 or 422, a.Text));
        var (lead, deal) = (Assert.Single(await li.List($"{All}?recordId={record}")), Assert.Single(await li.List($"{Deals}?recordId={record}")));
        Assert.Equal((customer.ToString(), contact.ToString()), ((await li.Deal(deal)).Text("customerId"), (await li.Deal(deal)).Text("contactId")));
        Assert.Equal((customer.ToString(), "found"), ((await Lead(li, lead)).Text("customerId"), (await Lead(li, lead)).Text("withCustomer")));
        await Delivering.Until(async () => (await li.Get($"{Seller.Records}/{record}")).Ok().Json is var r && r.Text("leadId") == lead.ToString() && r.Text("opportunityId") == deal.ToString());
        // Ever: not even after what was made is gone.
        // The contact may be noted at the lead in that very moment; then the deletion is told so and done again.
        await Delivering.Until(async () => (int)(await li.Delete($"{All}/{lead}")).Status is 200 or 204);
        (await li.Post($"/api/leads/records/{record}/make-lead", new { })).Refused(422);
        // From the opportunity: a contact record about it keeps its dates beside it.
        await li.Create(Seller.Records, new { customerId = customer, at = DateTime.UtcNow.AddMinutes(-1), nextAt = DateTime.UtcNow.AddDays(3), method = "call", content = "跟进", opportunityId = deal, confirmed = new[] { "appointment" } });
        await Delivering.Until(async () => (await li.Deal(deal)).GetProperty("nextContactAt").ValueKind != JsonValueKind.Null);
        Assert.Equal(2, (await li.List($"{Seller.Records}?tiedTo={deal}&tiedBy=opportunity-records")).Count);
        // An action without a customer makes no opportunity; a record out of sight makes nothing.
        var action = await li.Create(Seller.Records, new { kind = "action", at = DateTime.UtcNow.AddMinutes(-1), content = "整理资料" });
        (await li.Post($"/api/opportunities/records/{action}/make-opportunity", new { name = "无" })).Refused(422);
        (await (await crm.Hire(Rights)).Post($"/api/leads/records/{record}/make-lead", new { })).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-4"), Trait("req", "LEA-4"), Trait("req", "TRK-4")]
    public async Task What_is_made_of_a_lead_or_a_record_carries_the_campaign_though_its_maker_does_not_see_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var campaign = await crm.Admin.Create("/api/marketing/campaigns", new { name = Crm.Name("别人的活动") });
        var lead = await crm.Admin.Create(All, new { company = Crm.Name("来访公司"), contactName = Crm.Name("陈"), campaignId = campaign, ownerId = li.Id });
        (await li.Get($"/api/marketing/campaigns/{campaign}")).Is(403);
        var deal = (await li.Post($"{All}/{lead}/convert", new { name = Crm.Name("来访商机") })).Ok().Json.GetProperty("opportunityId").GetInt64();
        Assert.Equal(campaign.ToString(), (await li.Deal(deal)).Text("campaignId"));
        // What one can't see can't be chosen.
        (await li.Post(Deals, new { name = Crm.Name("冒选"), customerId = await li.Customer(Crm.Name("客")), campaignId = campaign })).Refused(400);
        var record = await crm.Admin.Create(Seller.Records, new { customerId = await li.Customer(Crm.Name("记录客户")), at = DateTime.UtcNow.AddMinutes(-1), method = "call", content = "展会上谈的", campaignId = campaign, ownerId = li.Id });
        foreach (var (url, list) in new[] { ($"/api/leads/records/{record}/make-lead", All), ($"/api/opportunities/records/{record}/make-opportunity", Deals) })
        {
            (await li.Post(url, new { name = "由联系而来" })).Ok();
            Assert.Equal(campaign.ToString(), (await li.Get($"{list}/{Assert.Single(await li.List($"{list}?recordId={record}"))}")).Ok().Json.Text("campaignId"));
        }
    }
}
