using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Opportunities.Dealer;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>What stands in the tabs of an opportunity.</summary>
public class Belonging
{
    [Theory, OnEveryEngine, Trait("req", "OPP-1"), Trait("req", "OPP-5")]
    public async Task Products_are_priced_by_the_customer_and_add_up(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var customer = await li.Customer(Crm.Name("会员客户"), new { priceKind = "member" });
        var product = await crm.Admin.Create("/api/settings/products", new { name = Crm.Name("打印机"), retailPrice = 100m, memberPrice = 90m });
        var stopped = await crm.Admin.Create("/api/settings/products", new { name = Crm.Name("停售品"), retailPrice = 100m, status = "off" });
        var id = await li.Deal(customer: customer);
        var version = (await li.Deal(id)).GetProperty("version").GetInt64();
        (await li.Post($"{All}/{id}/use-lines-amount", new { })).Refused(422);
        await li.Create(Lines, new { opportunityId = id, productId = product, quantity = 3 });
        var second = await li.Create(Lines, new { opportunityId = id, productId = product, quantity = 1.5m, price = 80.01m });
        // What is in use is stopped, not deleted.
        Assert.Contains("停售", (await crm.Admin.Delete($"/api/settings/products/{product}")).Refused(422).Text, StringComparison.Ordinal);
        (await li.Post(Lines, new { opportunityId = id, productId = stopped, quantity = 1 })).Refused(400);
        (await li.Post(Lines, new { opportunityId = id, productId = product, quantity = 0 })).Refused(400);
        Assert.Equal("390.02", (await li.Deal(id)).Text("linesAmount"));
        // A form that lay open is not stale of it.
        (await li.Patch($"{All}/{id}", new { remarks = "带产品", version })).Ok();
        (await li.Post($"{All}/{id}/use-lines-amount", new { })).Ok();
        Assert.Equal("390.02", (await li.Deal(id)).Text("amount"));
        (await li.Delete($"{Lines}/{second}")).Ok();
        Assert.Equal("270", (await li.Deal(id)).Text("linesAmount"));
        // However many enter lines at once, none is left out of the sum.
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => li.Create(Lines, new { opportunityId = id, productId = product, quantity = 1, price = 10m })));
        Assert.Equal("390", (await li.Deal(id)).Text("linesAmount"));
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-8")]
    public async Task Competition_stands_at_opportunity_competitor_and_customer_and_ends_with_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (customer, rival) = (await li.Customer(Crm.Name("买方")), await li.Customer(Crm.Name("对手"), new { customerType = "competitor" }));
        var id = await li.Deal(customer: customer);
        const string competitions = "/api/opportunities/competitions";
        (await li.Post(competitions, new { opportunityId = id, competitorId = customer })).Refused(400);
        // Many at once enter the same: one does.
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => li.Post(competitions, new { opportunityId = id, competitorId = rival, strengths = "便宜", price = 88m })));
        var made = Assert.Single(answers, a => (int)a.Status == 201).Json.GetProperty("id").GetInt64();
        Assert.All(answers.Where(a => (int)a.Status != 201), a => Assert.Contains((int)a.Status, new[] { 400, 409 }));
        (await li.Post(competitions, new { opportunityId = id, competitorId = rival })).Refused(400);
        foreach (var (of, tab) in new[] { (id, "competitions"), (rival, "competitor-competitions"), (customer, "customer-competitions") })
            Assert.Equal([made], await li.List($"{competitions}?tiedTo={of}&tiedBy={tab}"));
        // By a guessed id no name comes to light.
        var unseen = await (await crm.Hire(Rights)).Customer(Crm.Name("别人的对手"), new { customerType = "competitor" });
        (await li.Post($"{All}/{id}/lose", new { reason = "competitor", winnerId = unseen })).Refused(400);
        (await li.Post($"{All}/{id}/lose", new { reason = "competitor", winnerId = rival })).Ok();
        Assert.Equal("invalid", (await li.Get($"{competitions}/{made}")).Ok().Json.Text("result"));
        (await li.Patch($"{competitions}/{made}", new { strengths = "更便宜", version = 1 })).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-1"), Trait("req", "OPP-5")]
    public async Task The_main_contact_and_others_matter_each_once(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var customer = await li.Customer(Crm.Name("客户"));
        var (zhang, wang) = (await li.Contact(Crm.Name("张"), new { employerId = customer }), await li.Contact(Crm.Name("王"), new { employerId = customer }));
        var id = await li.Create(All, new { name = Crm.Name("商机"), customerId = customer, contactId = zhang });
        const string people = "/api/opportunities/stakeholders";
        (await li.Post(people, new { opportunityId = id, contactId = zhang })).Refused(400);
        await li.Create(people, new { opportunityId = id, contactId = wang, role = "decider", stance = "for" });
        Assert.Equal(2, (await li.List($"{people}?tiedTo={id}&tiedBy=stakeholders")).Count);
        Assert.Single(await li.List($"{people}?tiedTo={wang}&tiedBy=contact-opportunities"));
        var other = await li.Contact(Crm.Name("外人"));
        (await li.Post(All, new { name = Crm.Name("商机"), customerId = customer, contactId = other })).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-5"), Trait("req", "SEC-2")]
    public async Task What_the_customer_needs_is_written_down_at_the_opportunity_by_who_sees_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var customer = await li.Customer(Crm.Name("需求方"));
        var asker = await li.Contact(Crm.Name("提出人"), new { employerId = customer });
        var (id, other) = (await li.Deal(1m, customer: customer), await li.Deal());
        const string needs = "/api/opportunities/requirements";
        (await li.Post(needs, new { opportunityId = id })).Refused(400);
        (await li.Post(needs, new { subject = "无主" })).Refused(400);
        (await li.Post(needs, new { opportunityId = id, subject = "错", importance = "nichts" })).Refused(400);
        var first = await li.Create(needs, new { opportunityId = id, subject = "日产一万张", importance = "must", contactId = asker, content = "三班倒", solution = "两台并联" });
        var second = await li.Create(needs, new { opportunityId = id, subject = "静音" });
        await li.Create(needs, new { opportunityId = other, subject = "别的商机的" });
        Assert.Equal([first, second], (await li.List($"{needs}?tiedTo={id}&tiedBy=requirements")).Order());
        var read = (await li.Get($"{needs}/{first}")).Ok().Json;
        Assert.Equal(("must", "两台并联", asker.ToString()), (read.Text("importance"), read.Text("solution"), read.Text("contactId")));
        Assert.Equal("should", (await li.Get($"{needs}/{second}")).Ok().Json.Text("importance"));
        // It stays at its opportunity.
        (await li.Patch($"{needs}/{first}", new { opportunityId = other, version = read.GetProperty("version").GetInt64() })).Refused(400);
        (await li.Patch($"{needs}/{first}", new { solution = "一台大的", version = read.GetProperty("version").GetInt64() })).Ok();
        // Not for whom the opportunity is out of sight, nor without the right.
        (await wu.Post(needs, new { opportunityId = id, subject = "混入" })).Refused(400);
        (await wu.Get($"{needs}/{first}")).Refused(404);
        (await (await crm.Hire([.. Rights.Where(r => !r.StartsWith("opportunities.requirements.", StringComparison.Ordinal))], ScopeKind.All)).Get($"{needs}/{first}")).Refused(403);
        (await li.Delete($"{needs}/{second}")).Ok();
        // What is over stays as it is.
        (await li.Post($"{All}/{id}/win", new { })).Ok();
        (await li.Post(needs, new { opportunityId = id, subject = "迟了" })).Refused(400);
        Assert.Equal([first], await li.List($"{needs}?tiedTo={id}&tiedBy=requirements"));
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-1"), Trait("req", "OPP-5"), Trait("req", "SEC-2")]
    public async Task Assistants_see_the_whole_and_advise_and_no_longer_once_they_are_let_go(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var id = await li.Deal(1m);
        (await wu.Get($"{All}/{id}")).Refused(404);
        (await wu.Post($"{All}/{id}/assistants", new { userId = wu.Id })).Refused(404);
        (await li.Post($"{All}/{id}/assistants", new { userId = li.Id })).Refused(400);
        (await li.Post($"{All}/{id}/assistants", new { userId = wu.Id })).Ok();
        (await li.Post($"{All}/{id}/assistants", new { userId = wu.Id })).Refused(400);
        Assert.Equal([id], await wu.List($"{All}?view=assisted"));
        Assert.Single(await wu.List($"{Advances}?opportunityId={id}"));
        // What comes later is seen, too; what the assistant enters the owner sees.
        var need = await li.Create("/api/opportunities/requirements", new { opportunityId = id, subject = "要快" });
        (await wu.Get($"/api/opportunities/requirements/{need}")).Ok();
        var own = await wu.Create("/api/opportunities/requirements", new { opportunityId = id, subject = "要稳" });
        (await li.Get($"/api/opportunities/requirements/{own}")).Ok();
        (await wu.Post($"{All}/{id}/advice", new { text = "先约技术" })).Ok();
        Assert.Contains("先约技术", (await li.Get($"{All}/{id}/team")).Ok().Text);
        Assert.Contains((await li.Get("/api/platform/messages")).Ok().Json.EnumerateArray(), m => m.GetProperty("text").GetString()!.Contains("先约技术"));
        // Assisting is not owning.
        (await wu.Delete($"{All}/{id}")).Refused(404);
        (await wu.Post($"{All}/{id}/assistants/{wu.Id}/remove", new { })).Refused(422);
        (await li.Post($"{All}/{id}/assistants/{wu.Id}/remove", new { })).Ok();
        (await wu.Get($"{All}/{id}")).Refused(404);
        (await wu.Get($"/api/opportunities/requirements/{need}")).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-13"), Trait("req", "SEC-2")]
    public async Task Open_opportunities_go_along_with_their_customer_and_a_customers_owner_sees_those_of_others(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var customer = await li.Customer(Crm.Name("移交客户"));
        var (open, over) = (await li.Deal(1m, customer: customer), await li.Deal(2m, customer: customer));
        (await li.Post($"{All}/{over}/win", new { })).Ok();
        (await crm.Admin.Post("/api/customers/customers/transfer", new { ids = new[] { customer }, toId = wu.Id, along = true })).Ok();
        for (var i = 0; i < 100 && (await wu.Get($"{All}/{open}")).Json.Text("ownerId") != wu.Id.ToString(); i++) await Task.Delay(50);
        Assert.Equal(wu.Id.ToString(), (await wu.Deal(open)).Text("ownerId"));
        // What was won stays with who won it; the customer's owner sees it.
        Assert.Equal(li.Id.ToString(), (await wu.Deal(over)).Text("ownerId"));
        (await li.Get($"{All}/{open}")).Refused(404);
    }
}
