using System.Globalization;
using KuaipuCrm.Opportunities.Registrations;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Outgoing;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Opportunities.Dealer;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>Opportunities made known to vendors (上游报备, OPP-6).</summary>
public class Registering
{
    private const string Vendors = "/api/opportunities/registrations";

    private static Task<long> Vendor(Employee who) => who.Customer(Crm.Name("上游"), new { customerType = "supplier" });

    [Theory, OnEveryEngine, Trait("req", "OPP-6"), Trait("req", "OPP-5")]
    public async Task A_registration_stands_once_with_each_vendor_is_answered_and_rests_with_its_opportunity(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (deal, other, vendor, buyer) = (await li.Deal(12_345.6m, "2099-03-31"), await li.Deal(1m), await Vendor(li), await li.Customer(Crm.Name("直接客户")));
        Assert.Equal(new[] { deal, other }.Order(), (await li.List($"{All}?view=unregistered")).Order());
        Assert.Contains("客户类型", (await li.Post(Vendors, new { opportunityId = deal, vendorId = buyer })).Refused(400).Text);
        (await (await crm.Hire(Rights)).Post(Vendors, new { opportunityId = deal, vendorId = vendor })).Refused(400);
        // Many at once enter the same: one does.
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => li.Post(Vendors, new { opportunityId = deal, vendorId = vendor })));
        var id = Assert.Single(answers, a => (int)a.Status == 201).Json.GetProperty("id").GetInt64();
        Assert.All(answers.Where(a => (int)a.Status != 201), a => Assert.Contains((int)a.Status, new[] { 400, 409 }));
        var made = (await li.Get($"{Vendors}/{id}")).Ok().Json;
        Assert.Equal("tosend", made.Text("status"));
        Assert.Contains("12,345.6", made.Text("content"));
        Assert.Contains("2099-03-31", made.Text("content"));
        Assert.Equal([id], await li.List($"{Vendors}?tiedTo={deal}&tiedBy=registrations"));
        Assert.Equal([id], await li.List($"{Vendors}?tiedTo={vendor}&tiedBy=vendor-registrations"));
        Assert.Equal("tosend", (await li.Deal(deal)).Text("registration"));
        Assert.Equal([other], await li.List($"{All}?view=unregistered"));
        // Answers: only the vendor's, with reason or day.
        (await li.Post($"{Vendors}/{id}/accept", new { protectedUntil = "2020-01-01" })).Refused(400);
        (await li.Post($"{Vendors}/{id}/accept", new { })).Refused(400);
        (await li.Post($"{Vendors}/{id}/refuse", new { answer = " " })).Refused(400);
        (await li.Patch($"{Vendors}/{id}", new { status = "accepted", version = 1 })).Refused(400);
        (await li.Post($"{Vendors}/{id}/refuse", new { answer = "已有代理" })).Ok();
        (await li.Post($"{Vendors}/{id}/refuse", new { answer = "再次" })).Refused(422);
        Assert.Equal("refused", (await li.Deal(deal)).Text("registration"));
        // Refused, it may be tried anew; then the former one can't stand beside it.
        var again = await li.Create(Vendors, new { opportunityId = deal, vendorId = vendor });
        (await li.Post($"{Vendors}/{id}/accept", new { protectedUntil = "2099-01-01" })).Refused(400);
        (await li.Post($"{Vendors}/{again}/accept", new { protectedUntil = "2099-01-01", answer = "同意" })).Ok();
        (await li.Post($"{Vendors}/{again}/accept", new { protectedUntil = "2099-12-31" })).Ok();
        Assert.Equal(("accepted", "2099-12-31", "同意"), ((await li.Get($"{Vendors}/{again}")).Ok().Json is var r ? (r.Text("status"), r.Text("protectedUntil"), r.Text("answer")) : default));
        Assert.Equal([again], await li.List($"{Vendors}?view=accepted"));
        // What a vendor accepted is that vendor's, and what was accepted.
        foreach (var wrong in new object[] { new { vendorId = await Vendor(li), version = 3 }, new { content = "别的内容", version = 3 } }) (await li.Patch($"{Vendors}/{again}", wrong)).Refused(400);
        Assert.Equal("accepted", (await li.Deal(deal)).Text("registration"));
        (await li.Delete($"{Vendors}/{again}")).Ok();
        Assert.Equal("refused", (await li.Deal(deal)).Text("registration"));
        // An opportunity that is over rests with its registrations.
        var last = await li.Create(Vendors, new { opportunityId = other, vendorId = vendor });
        (await li.Post($"{All}/{other}/win", new { })).Ok();
        (await li.Post(Vendors, new { opportunityId = other, vendorId = await Vendor(li) })).Refused(400);
        (await li.Patch($"{Vendors}/{last}", new { remarks = "迟", version = 1 })).Refused(400);
        (await li.Post($"{Vendors}/{last}/accept", new { protectedUntil = "2099-01-01" })).Refused(422);
        (await li.Post($"{Vendors}/{last}/refuse", new { answer = "迟" })).Refused(422);
        (await li.Post($"{Vendors}/{last}/send", new { templateId = 1, contactIds = new[] { 1 }, version = 1 })).Refused(403);
        Assert.Contains("商机成功", (await crm.Admin.Post($"{Vendors}/{last}/send", new { templateId = 1, contactIds = new[] { 1 }, version = 1 })).Refused(422).Detail);
        (await (await crm.Hire(Rights)).Post($"{Vendors}/{id}/accept", new { protectedUntil = "2099-01-01" })).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-6"), Trait("req", "SET-12")]
    public async Task It_goes_to_the_vendors_people_by_mail_once_however_often_it_is_clicked(string engine)
    {
        var post = await Post.On(engine);
        var crm = post.Crm;
        var li = await crm.Hire([.. Rights, OutgoingRights.Send]);
        var (vendor, one, two) = (await Vendor(li), Post.Address("one"), Post.Address("two"));
        var people = new[] { await li.Contact(Crm.Name("张一"), new { employerId = vendor, email = one }), await li.Contact(Crm.Name("李二"), new { employerId = vendor, email = two }) };
        var (mute, stranger) = (await li.Contact(Crm.Name("无邮箱"), new { employerId = vendor }), await li.Contact(Crm.Name("外人"), new { email = Post.Address("out") }));
        var deal = await li.Deal(5_000m);
        var name = (await li.Deal(deal)).Text("name");
        var id = await li.Create(Vendors, new { opportunityId = deal, vendorId = vendor });
        var template = await post.Template("mail", "registration", "报备 {{ 单据.商机 }}", "<p>{{ 收件人.姓名 }}您好：{{ 单据.报备内容 }}</p>");
        var foreign = await post.Template("mail", "customer", "x", "<p>x</p>");
        Task<Answer> Send(long[] to, long by, long version) => li.Post($"{Vendors}/{id}/send", new { templateId = by, contactIds = to, version });
        (await Send([], template, 1)).Refused(400);
        Assert.Contains("没有邮箱", (await Send([people[0], mute], template, 1)).Refused(400).Text);
        (await Send([people[0], stranger], template, 1)).Refused(400);
        (await Send(people, foreign, 1)).Refused(400);
        // Someone else's contact is seen with the vendor, its address is not: no letter goes there.
        var hidden = await crm.Admin.Contact(Crm.Name("他人的"), new { employerId = vendor, email = Post.Address("hidden") });
        Assert.Contains("不能查看", (await Send([people[0], hidden], template, 1)).Refused(400).Text);
        (await Send(people, template, 7)).Refused(422);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Send(people, template, 1)));
        Assert.Equal("2", Assert.Single(answers, a => (int)a.Status == 200).Text);
        Assert.All(answers.Where(a => (int)a.Status != 200), a => Assert.True((int)a.Status is 409 or 422, a.Text));
        await Post.Until(() => post.Smtp.To(one).Any() && post.Smtp.To(two).Any(), "both arrive");
        await Task.Delay(300);
        Assert.Single(post.Smtp.To(two));
        var letter = Assert.Single(post.Smtp.To(one)).Message;
        Assert.Equal($"报备 {name}", letter.Subject);
        Assert.Contains("张一", letter.HtmlBody);
        Assert.Contains("5,000", letter.HtmlBody);
        var sent = (await li.Get($"{Vendors}/{id}")).Ok().Json;
        Assert.Equal(("sent", people[0].ToString(CultureInfo.InvariantCulture)), (sent.Text("status"), sent.Text("contactId")));
        Assert.NotEqual("", sent.Text("sentAt"));
        Assert.NotEqual("", sent.Text("registeredOn"));
        Assert.Contains(name, (await li.Get($"{Vendors}/{id}/mail")).Ok().Text);
        Assert.Equal([id], await li.List($"{Vendors}?view=sent"));
        // Once more, on purpose: who sees how it stands may.
        (await Send([people[0]], template, sent.GetProperty("version").GetInt64())).Ok();
        await Post.Until(() => post.Smtp.To(one).Count() == 2, "the second arrives");
        (await li.Post($"{Vendors}/{id}/accept", new { protectedUntil = "2099-01-01" })).Ok();
        (await Send(people, template, (await li.Get($"{Vendors}/{id}")).Ok().Json.GetProperty("version").GetInt64())).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-6"), Trait("req", "DOC-8")]
    public async Task Protection_that_ends_is_told_once_before_and_over_after_its_day(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        async Task<long> Accepted(int days)
        {
            var id = await li.Create(Vendors, new { opportunityId = await li.Deal(1m), vendorId = await Vendor(li) });
            (await li.Post($"{Vendors}/{id}/accept", new { protectedUntil = Iso(today.AddDays(days)) })).Ok();
            return id;
        }
        var (soon, far, gone) = (await Accepted(5), await Accepted(60), await Accepted(1));
        Assert.Equal([gone, soon], await li.List($"{Vendors}?view=ending"));
        // The day has come and gone while the server was down.
        var (db, past) = (crm.Db, today.AddDays(-2));
        await db.Unit(() => db.Execute($"update opportunities.registration set protected_until = {past} where id = {gone} and {Sql.Trusted($"{Sql.Guard}registration{Sql.Guard}")} 1 = 1"));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => crm.Send(crm.Admin, new WatchProtection())));
        await crm.Send(crm.Admin, new WatchProtection());
        async Task<string> Status(long id) => (await li.Get($"{Vendors}/{id}")).Ok().Json.Text("status");
        Assert.Equal(("expired", "accepted", "accepted"), (await Status(gone), await Status(soon), await Status(far)));
        async Task<int> Told() => (await li.Get("/api/platform/messages")).Ok().Json.EnumerateArray().Count(m => m.GetProperty("text").GetString()!.Contains("保护期"));
        Assert.Equal(1, await Told());
        // Prolonged to another day near by: told anew.
        (await li.Post($"{Vendors}/{soon}/accept", new { protectedUntil = Iso(today.AddDays(6)) })).Ok();
        await crm.Send(crm.Admin, new WatchProtection());
        Assert.Equal(2, await Told());
        // One reminds oneself of it as of any date.
        (await li.Post($"{Vendors}/{far}/reminders", new { field = "protectedUntil", days = -10, atMinute = 540, minutes = 0, whom = "owner", repeat = "none" })).Ok();
        Assert.Equal([gone], await li.List($"{Vendors}?view=expired"));
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
