using KuaipuCrm.Platform.Reminders;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Outgoing;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KuaipuCrm.Tests.Reminders;

/// <summary>People are reminded of dates (DOC-8).</summary>
public class Reminding
{
    private const string Customers = "/api/customers/customers", Rules = "/api/platform/reminder-rules";
    private static readonly string[] Seller = [.. Employee.Sales];

    private static object Wish(string field = "createdAt", int days = 1, int? atMinute = 540, int minutes = 0, string whom = "me", long? userId = null, string repeat = "none", string? text = null, bool mail = false, long? templateId = null) =>
        new { field, days, atMinute, minutes, whom, userId, repeat, text, mail, templateId };

    [Theory, OnEveryEngine, Trait("req", "DOC-8")]
    public async Task What_came_due_while_nothing_ran_is_reminded_of_once_however_many_hosts_start(string engine)
    {
        var (database, clock, text) = (await Databases.Fresh(engine), new FakeTimeProvider(DateTimeOffset.UtcNow), Crm.Name("别忘了"));
        long user;
        await using (var crm = await Crm.StartOn(engine, database, clock))
        {
            var seller = await crm.Hire(Seller);
            user = seller.Id;
            var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => seller.Customer(Crm.Name("客户"))));
            foreach (var id in ids) (await seller.Post($"{Customers}/{id}/reminders", Wish(text: text))).Ok();
            Assert.Equal(20, await crm.Db.First<long>($"select count(*) from platform.reminder"));
            Assert.Equal(0, await crm.Services.GetRequiredService<ReminderDispatcher>().DeliverDue(default));
        }
        clock.Advance(TimeSpan.FromDays(5));
        await using var one = await Crm.StartOn(engine, database, clock);
        await using var two = await Crm.StartOn(engine, database, clock);
        await Task.WhenAll(new[] { one, two, one, two }.Select(c => Task.Run(() => c.Services.GetRequiredService<ReminderDispatcher>().DeliverDue(default))));
        await Post.Until(async () => await one.Db.First<long>($"select count(*) from platform.reminder") == 0, "all are reminded of");
        Assert.Equal(20, await one.Db.First<long>($"select count(*) from platform.message where user_id = {user} and kind = 'reminder' and text like {"%" + text + "%"}"));
        Assert.Contains(text, (await (await one.As(user, "", "")).Get("/api/platform/messages")).Ok().Text);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-8"), Trait("req", "SEC-2"), Trait("req", "DOC-10")]
    public async Task Times_follow_the_date_and_who_may_not_see_the_document_at_that_moment_hears_nothing(string engine)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.Start(engine, clock);
        var reminders = crm.Services.GetRequiredService<ReminderDispatcher>();
        async Task<long> Told(long user) => await crm.Db.First<long>($"select count(*) from platform.message where user_id = {user} and kind = 'reminder'");
        async Task<long> Pending(long document) => await crm.Db.First<long>($"select count(*) from platform.reminder where document_id = {document}");
        var (seller, gone) = (await crm.Hire(Seller), await crm.Hire(Seller));
        var contact = await seller.Contact(Crm.Name("生日"), new { birthday = "1990-01-01" });
        (await seller.Post($"/api/customers/contacts/{contact}/reminders", Wish("birthday", 0, repeat: "year", whom: "owner"))).Ok();
        var first = await crm.Db.First<DateTime>($"select due_at from platform.reminder where document_id = {contact}");
        Assert.Equal((1, 1, 1, 0), (first.Month, first.Day, first.Hour, first.Minute));
        // The date moves: so does the time. It goes: no time. The document goes to the bin and comes back: so does the time.
        var version = (await seller.View("contacts", contact)).GetProperty("version").GetInt64();
        (await seller.Patch($"/api/customers/contacts/{contact}", new { birthday = "1990-06-15", version })).Ok();
        Assert.Equal(6, (await crm.Db.First<DateTime>($"select due_at from platform.reminder where document_id = {contact}")).Month);
        (await seller.Patch($"/api/customers/contacts/{contact}", new { birthday = (string?)null, version = version + 1 })).Ok();
        Assert.Equal(0, await Pending(contact));
        (await seller.Patch($"/api/customers/contacts/{contact}", new { birthday = "1990-06-15", version = version + 2 })).Ok();
        (await seller.Delete($"/api/customers/contacts/{contact}")).Ok();
        Assert.Equal(0, await Pending(contact));
        (await crm.Admin.Post("/api/customers/contacts/restore", new { ids = new[] { contact } })).Ok();
        Assert.Equal(1, await Pending(contact));
        // A reminder someone set for themselves on a customer they have lost meanwhile.
        var lost = await gone.Customer(Crm.Name("失去的客户"));
        (await gone.Post($"{Customers}/{lost}/reminders", Wish())).Ok();
        Assert.Equal(1, await Pending(lost));
        (await crm.Admin.Patch($"{Customers}/{lost}", new { ownerId = seller.Id, version = 1 })).Ok();
        // Worded by a template, it unmasks nothing, whoever asked for it; and only one for reminders will do.
        var (reader, numbered) = (await crm.Hire(["customers.contacts.read"], ScopeKind.All), await seller.Contact(Crm.Name("掩码"), new { mobile = "13812345678" }));
        var (worded, letter) = (await Post.Template(crm, TemplateKind.Reminder, "contact", null, "请致电 {{ 单据.手机 }}"), await Post.Template(crm, TemplateKind.Mail, "contact", "主题", "<b>{{ 单据.手机 }}</b>"));
        (await reader.Post($"/api/customers/contacts/{numbered}/reminders", Wish(templateId: letter))).Refused(400);
        (await crm.Admin.Post($"/api/customers/contacts/{numbered}/mail", new { channel = "sms", to = "13812345678", templateId = letter })).Refused(404);
        foreach (var who in new[] { reader, seller }) (await who.Post($"/api/customers/contacts/{numbered}/reminders", Wish(templateId: worded))).Ok();
        // Told on the day, and again a year later, once each.
        clock.Advance(TimeSpan.FromDays(366));
        while (await reminders.DeliverDue(default) > 0) { }
        foreach (var who in new[] { reader, seller })
        {
            var said = await crm.Db.First<string>($"select text from platform.message where user_id = {who.Id} and kind = 'reminder' and document_id = {numbered}");
            Assert.Contains("请致电 138", said, StringComparison.Ordinal);
            Assert.DoesNotContain("13812345678", said, StringComparison.Ordinal);
        }
        Assert.Equal(2, await Told(seller.Id));
        clock.Advance(TimeSpan.FromDays(366));
        while (await reminders.DeliverDue(default) > 0) { }
        Assert.Equal(3, await Told(seller.Id));
        Assert.Equal(1, await Pending(contact));
        Assert.Equal(0, await Told(gone.Id));
        Assert.Equal(0, await Pending(lost));
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-8"), Trait("req", "SEC-1")]
    public async Task Whoever_sees_a_document_reminds_themselves_and_others_only_who_may_change_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (owner, reader, stranger) = (await crm.Hire(Seller), await crm.Hire(["customers.customers.read"], ScopeKind.All), await crm.Hire(Seller));
        var id = await owner.Customer(Crm.Name("客户"));
        var mine = (await reader.Post($"{Customers}/{id}/reminders", Wish())).Ok().Json.GetProperty("id").GetInt64();
        (await reader.Post($"{Customers}/{id}/reminders", Wish(whom: "owner"))).Refused(422);
        (await reader.Post($"{Customers}/{id}/reminders", Wish(whom: "user", userId: owner.Id))).Refused(422);
        (await stranger.Post($"{Customers}/{id}/reminders", Wish())).Refused(404);
        (await stranger.Get($"{Customers}/{id}/reminders")).Refused(404);
        (await owner.Post($"{Customers}/{id}/reminders", Wish(whom: "user", userId: stranger.Id))).Refused(400);
        foreach (var bad in new[] { Wish(field: "name"), Wish(field: "gibtesnicht"), Wish(field: "updatedAt"), Wish(atMinute: 1440), Wish(days: 99999), Wish(whom: "alle"), Wish(repeat: "stündlich"), Wish(text: new string('长', 201)), Wish(whom: "user", userId: 1) })
            (await owner.Post($"{Customers}/{id}/reminders", bad)).Refused(400);
        // What someone set for themselves is their own business.
        Assert.Empty((await owner.Get($"{Customers}/{id}/reminders")).Ok().Json.EnumerateArray());
        Assert.Single((await reader.Get($"{Customers}/{id}/reminders")).Ok().Json.EnumerateArray());
        (await stranger.Delete($"{Customers}/{id}/reminders/{mine}")).Refused(404);
        (await reader.Delete($"{Customers}/{id}/reminders/{mine}")).Ok();
        foreach (var body in new[] { new { type = "customer", wish = Wish(whom: "owner"), enabled = true } }) (await owner.Post(Rules, body)).Refused(403);
        (await crm.Admin.Post(Rules, new { type = "customer", wish = Wish(), enabled = true })).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-8")]
    public async Task A_rule_for_a_type_covers_what_was_there_and_what_comes_and_ends_when_it_is_changed(string engine)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.Start(engine, clock);
        var seller = await crm.Hire(Seller);
        var before = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => seller.Customer(Crm.Name("原有"))));
        var rule = long.Parse((await crm.Admin.Post(Rules, new { type = "customer", wish = Wish(whom: "owner", days: 30), enabled = true })).Ok().Text, System.Globalization.CultureInfo.InvariantCulture);
        // Saved while the rule is being worked out: once, all the same.
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => seller.Customer(Crm.Name("新来"))));
        await Post.Until(async () => await crm.Db.First<long>($"select count(*) from platform.reminder where rule_id = {rule}") == 40, "all are covered");
        var changed = long.Parse((await crm.Admin.Post(Rules, new { id = rule, type = "customer", wish = Wish(whom: "owner", days: 2), enabled = true })).Ok().Text, System.Globalization.CultureInfo.InvariantCulture);
        await Post.Until(async () => await crm.Db.First<long>($"select count(*) from platform.reminder where rule_id = {changed}") == 40, "the changed rule covers all");
        await Post.Until(async () => await crm.Db.First<long>($"select count(*) from platform.reminder where rule_id = {rule}") == 0, "the former one is cleared away");
        clock.Advance(TimeSpan.FromDays(4));
        await Post.Until(async () => await crm.Db.First<long>($"select count(*) from platform.message where user_id = {seller.Id} and kind = 'reminder'") == 40, "the owner is told of each once");
        var admin = await crm.As(crm.Admin.Id, "admin", "系统管理员");
        Assert.Equal(1, (await admin.Get(Rules)).Ok().Json.GetArrayLength());
        (await admin.Post($"{Rules}/{changed}/delete", new { })).Ok();
        (await admin.Post($"{Rules}/{changed}/delete", new { })).Refused(404);
        Assert.NotEmpty(before);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-8"), Trait("req", "DOC-6"), Trait("req", "SET-12")]
    public async Task A_message_goes_by_mail_too_where_company_or_receiver_want_it_and_never_twice(string engine)
    {
        var post = await Post.On(engine);
        var crm = post.Crm;
        var (boss, to) = (await crm.Hire([.. Seller, "customers.customers.comment"], ScopeKind.All), Post.Address("mensch"));
        var seller = await crm.Hire(Seller);
        var version = (await crm.Admin.Get($"/api/settings/users/{seller.Id}")).Ok().Json.GetProperty("version").GetInt64();
        (await crm.Admin.Patch($"/api/settings/users/{seller.Id}", new { email = to, version })).Ok();
        seller = await crm.As(seller.Id, seller.Login, seller.Name);
        var id = await seller.Customer(Crm.Name("客户"));
        (await boss.Post($"{Customers}/{id}/comments", new { text = "没有人要邮件" })).Ok();
        (await seller.Post("/api/platform/me/message-routes/comment", new { mail = true, sms = (bool?)null })).Ok();
        var text = Crm.Name("请跟进");
        (await boss.Post($"{Customers}/{id}/comments", new { text })).Ok();
        await Post.Until(() => post.Smtp.To(to).Any(), "the comment arrives by mail");
        var mail = Assert.Single(post.Smtp.To(to)).Message;
        Assert.Contains(text, mail.TextBody);
        Assert.Contains($"https://crm.kuaipu.example{Customers["/api".Length..]}/{id}", mail.TextBody);
        // The company wants it for all; the receiver doesn't.
        (await crm.Admin.Post("/api/platform/message-routes/comment", new { mail = true, sms = false, robots = Array.Empty<long>() })).Ok();
        (await seller.Post("/api/platform/me/message-routes/comment", new { mail = false, sms = (bool?)null })).Ok();
        (await boss.Post($"{Customers}/{id}/comments", new { text = "不要邮件" })).Ok();
        (await seller.Post("/api/platform/me/message-routes/comment", new { mail = (bool?)null, sms = (bool?)null })).Ok();
        // Whoever reads English gets it in English.
        await crm.Send(seller, new SetPreference("language", "en"));
        var again = Crm.Name("再来");
        (await boss.Post($"{Customers}/{id}/comments", new { text = again })).Ok();
        await Post.Until(() => post.Smtp.To(to).Count() >= 2, "the second arrives");
        await Task.Delay(300);
        Assert.Equal(2, post.Smtp.To(to).Count());
        Assert.StartsWith("点评：", mail.Subject);
        var english = post.Smtp.To(to).Last().Message;
        Assert.StartsWith($"Comments: {boss.Name}: ", english.Subject);
        Assert.Contains(again, english.TextBody);
        (await crm.Admin.Post("/api/platform/message-routes/comment", new { mail = false, sms = false, robots = Array.Empty<long>() })).Ok();
        (await seller.Post("/api/platform/message-routes/comment", new { mail = true, sms = true, robots = Array.Empty<long>() })).Refused(403);
        (await crm.Admin.Post("/api/platform/message-routes/user", new { mail = false, sms = false, robots = new[] { 1L } })).Refused(400);
        (await crm.Admin.Post("/api/platform/message-routes/gibtesnicht", new { mail = false, sms = false, robots = Array.Empty<long>() })).Refused(404);
    }
}
