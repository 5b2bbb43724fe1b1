using KuaipuCrm.Platform.Reminders;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Opportunities;
using KuaipuCrm.Tests.Outgoing;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static KuaipuCrm.Tests.Marketing.Campaigner;

namespace KuaipuCrm.Tests.Marketing;

/// <summary>A campaign reaches people: its own are reminded, its targets are written to.</summary>
public class Reaching
{
    [Theory, OnEveryEngine, Trait("req", "MKT-6")]
    public async Task Each_address_gets_the_same_content_once_and_it_stands_beside_the_campaign(string engine)
    {
        var post = await Post.On(engine);
        var crm = post.Crm;
        var li = await crm.Hire([.. Rights, OutgoingRights.Send]);
        var id = await li.Campaign();
        var (a, b, empty) = (await li.Customer(Crm.Name("甲")), await li.Customer(Crm.Name("乙")), await li.Customer(Crm.Name("无邮箱")));
        var (one, two, left, refused, gone) = (Post.Address("one"), Post.Address("two"), Post.Address("left"), Post.Address("no"), Post.Address("gone"));
        await li.Contact(Crm.Name("张一"), new { employerId = a, email = one });
        await li.Contact(Crm.Name("王三"), new { employerId = a, email = refused, refusesMail = true });
        await li.Contact(Crm.Name("退订"), new { employerId = a, email = gone });
        await li.Contact(Crm.Name("张一再次"), new { employerId = b, email = one.ToUpperInvariant() });
        var two2 = await li.Contact(Crm.Name("李二"), new { employerId = b, email = two });
        await li.Contact(Crm.Name("不在其中"), new { employerId = b, email = left });
        (await crm.Admin.Post("/api/platform/opt-outs", new { address = gone, @out = true })).Ok();
        await li.Create(TargetRows, new { campaignId = id, customerId = a });
        await li.Create(TargetRows, new { campaignId = id, customerId = b, contactId = two2 });
        await li.Create(TargetRows, new { campaignId = id, customerId = empty });
        var template = await post.Template("mail", "campaign", "{{ 收件人.姓名 }}，{{ 单据.活动名称 }}", "<p>{{ 收件人.姓名 }} 您好，欢迎光临</p>");
        var sms = await post.Template("sms", "campaign", null, "{{ 收件人.姓名 }} 您好");

        var preview = (await li.Post($"{All}/{id}/mailing-preview", new { templateId = template })).Ok().Json;
        Assert.Equal((3, 3, 1), (preview.GetProperty("targets").GetInt32(), preview.GetProperty("receivers").GetInt32(), preview.GetProperty("refusing").GetInt32()));
        Assert.Contains("无邮箱", preview.GetProperty("without").ToString());
        (await li.Post($"{All}/{id}/mailing", new { templateId = template, receivers = 7 })).Refused(422);
        (await li.Post($"{All}/{id}/mailing", new { templateId = sms, receivers = 3 })).Refused(404);
        (await li.Post($"{All}/{id}/mailing", new { templateId = template, receivers = 3, channel = "pigeon" })).Refused(400);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => li.Post($"{All}/{id}/mailing", new { templateId = template, receivers = 3 })));
        Assert.All(answers, x => x.Ok());
        Assert.Equal(2, answers.Sum(x => x.Json.GetProperty("rows").GetInt32()));
        await Post.Until(() => post.Smtp.To(one).Any() && post.Smtp.To(two).Any(), "both arrive");
        // One more target: only the new one is written to.
        var late = Post.Address("late");
        var customer = await li.Customer(Crm.Name("后来"));
        await li.Contact(Crm.Name("赵后来"), new { employerId = customer, email = late });
        await li.Create(TargetRows, new { campaignId = id, customerId = customer });
        Assert.Equal(1, (await li.Post($"{All}/{id}/mailing", new { templateId = template, receivers = 4 })).Ok().Json.GetProperty("rows").GetInt32());
        await Post.Until(() => post.Smtp.To(late).Any(), "the late one arrives");
        await Task.Delay(300);
        Assert.Single(post.Smtp.To(one));
        Assert.Contains("李二", post.Smtp.To(two).Single().Message.Subject);
        foreach (var none in new[] { refused, gone, left }) Assert.Empty(post.Smtp.To(none));
        Assert.Equal(3, (await li.Get($"{All}/{id}/mail")).Ok().Json.GetArrayLength());
        // Not without the right, nor before it is approved, nor once it is over, nor by one who doesn't see it.
        (await (await crm.Hire(Rights)).Post($"{All}/{id}/mailing", new { templateId = template, receivers = 4 })).Refused(403);
        (await (await crm.Hire([.. Rights, OutgoingRights.Send])).Post($"{All}/{id}/mailing", new { templateId = template, receivers = 4 })).Refused(404);
        (await li.Post($"{All}/{await li.Campaign(running: false)}/mailing-preview", new { templateId = template })).Refused(422);
        (await li.Post($"{All}/{id}/finish", new { })).Ok();
        (await li.Post($"{All}/{id}/mailing", new { templateId = template, receivers = 4 })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-3")]
    public async Task All_who_take_part_are_reminded_before_start_and_end(string engine)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var smtp = new SmtpTrap();
        using var http = new HttpTrap();
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), clock, settings: [Post.Loopback]);
        await new Post(crm, smtp, http).MailOn();
        (await crm.Admin.Post("/api/platform/channels/sms", new { settings = new { url = http.Url + "sms" }, secret = "0123456789abcdef", enabled = true })).Ok();
        var reminders = crm.Services.GetRequiredService<ReminderDispatcher>();
        async Task<long> Told(Employee who) => await crm.Db.First<long>($"select count(*) from platform.message where user_id = {who.Id} and kind = 'reminder'");
        var (li, wu, zhao, qian) = (await crm.Hire(Rights), await crm.Hire(Rights), await crm.Hire(Rights), await crm.Hire(Rights));
        var day = DateOnly.FromDateTime(DateTime.UtcNow);
        var id = await li.Campaign(more: new { startDate = day.AddDays(10).ToString("yyyy-MM-dd"), endDate = day.AddDays(12).ToString("yyyy-MM-dd") });
        foreach (var who in new[] { wu, zhao, qian }) (await li.Post($"{All}/{id}/participants", new { userId = who.Id })).Ok();
        var (mobile, box) = (TextMessages.Mobile(), Post.Address("wu"));
        await TextMessages.Reachable(crm, wu.Id, mobile, box);
        (await li.Post($"{All}/{id}/reminders", new { field = "startDate", days = -1, atMinute = 540, minutes = 0, whom = "tied", repeat = "none", mail = true, sms = true })).Ok();
        (await crm.Admin.Post("/api/platform/reminder-rules", new { type = "campaign", wish = new { field = "endDate", days = -1, atMinute = 540, minutes = 0, whom = "tied", repeat = "none" }, enabled = true })).Ok();
        // Of types without such people there is nobody to tell.
        (await li.Post($"{LeadRows}/{await li.Create(LeadRows, new { subject = "线索" })}/reminders", new { field = "createdAt", days = 1, atMinute = 540, minutes = 0, whom = "tied", repeat = "none" })).Refused(400);
        await Post.Until(async () => await crm.Db.First<long>($"select count(*) from platform.reminder where document_id = {id}") == 2, "both are worked out");
        // Whoever left the campaign meanwhile hears nothing.
        (await li.Post($"{All}/{id}/participants/{qian.Id}/remove", new { })).Ok();
        clock.Advance(TimeSpan.FromDays(9.5));
        while (await reminders.DeliverDue(default) > 0) { }
        await Post.Until(async () => await Told(wu) > 0, "the start is told");
        Assert.Equal((1, 1, 0, 0), (await Told(wu), await Told(zhao), await Told(qian), await Told(li)));
        await Post.Until(() => smtp.To(box).Any() && TextMessages.Sent(http, mobile).Count > 0, "mail and text message arrive");
        Assert.Contains("开始日期", Assert.Single(smtp.To(box)).Message.TextBody, StringComparison.Ordinal);
        Assert.Contains("开始日期", Assert.Single(TextMessages.Sent(http, mobile)), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromDays(3));
        while (await reminders.DeliverDue(default) > 0) { }
        await Post.Until(async () => await Told(wu) > 1, "the end is told");
        Assert.Equal((2, 2, 0), (await Told(wu), await Told(zhao), await Told(qian)));
        // The rule wants neither mail nor text message.
        Assert.Equal((1, 1), (smtp.To(box).Count(), TextMessages.Sent(http, mobile).Count));
    }
}
