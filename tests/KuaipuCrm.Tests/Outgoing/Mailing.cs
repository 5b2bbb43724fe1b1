using System.Diagnostics;
using KuaipuCrm.Platform.Outgoing;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Outgoing;

/// <summary>Mail against a real SMTP server (SET-12).</summary>
public class Mailing
{
    private const string Customers = "/api/customers/customers", Log = "/api/platform/outgoing";

    [Theory, OnEveryEngine, Trait("req", "SET-12"), Trait("req", "SET-11")]
    public async Task A_mail_about_a_document_arrives_filled_in_and_stands_beside_the_document(string engine)
    {
        var post = await Post.On(engine);
        var sender = await post.Crm.Hire([.. Employee.Sales, OutgoingRights.Send], ScopeKind.Own);
        var (name, to) = (Crm.Name("收信<客户>"), Post.Address());
        var id = await sender.Customer(name, new { phone = "0755-83456789" });
        var template = await post.Template("mail", "customer", "{{ 单据.客户名称 }} 您好", "<p>{{ 单据.客户名称 }}：{{ 单据.电话 }}，{{ 发件人.姓名 }}</p><script>x</script>");
        var sent = (await sender.Post($"{Customers}/{id}/mail", new { to, templateId = template })).Ok().Json.GetProperty("id").GetInt64();
        await Post.Until(() => post.Smtp.To(to).Any(), "the mail arrives");
        var mail = post.Smtp.To(to).Single().Message;
        Assert.Equal($"{name} 您好", mail.Subject);
        Assert.Equal("crm@kuaipu.example", mail.From.Mailboxes.Single().Address);
        Assert.Contains($"{System.Net.WebUtility.HtmlEncode(name)}：0755-83456789，{sender.Name}", mail.HtmlBody);
        Assert.DoesNotContain("script", mail.HtmlBody);
        Assert.Contains(name, mail.TextBody);
        Assert.Contains(Post.Password, post.Smtp.Logins);
        await Post.Until(async () => await post.State(sent) == "sent", "it is noted");
        var listed = (await sender.Get($"{Customers}/{id}/mail")).Ok().Json[0];
        Assert.Equal(to, listed.GetProperty("address").GetString());
        // Who sees the customer and neither wrote it nor keeps the log, sees that there was one, not what it said nor the whole address.
        var colleague = await post.Crm.Hire(["customers.customers.read"], ScopeKind.All);
        var seen = (await colleague.Get($"{Customers}/{id}/mail")).Ok();
        Assert.DoesNotContain("83456789", seen.Text);
        Assert.DoesNotContain(to, seen.Text);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-12"), Trait("req", "SEC-1"), Trait("req", "SEC-6")]
    public async Task Who_may_not_sends_nothing_and_no_address_or_subject_smuggles_headers(string engine)
    {
        var post = await Post.On(engine);
        var (owner, foreign) = (await post.Crm.Hire(Employee.Sales), await post.Crm.Hire([.. Employee.Sales, OutgoingRights.Send]));
        var id = await owner.Customer(Crm.Name("客户"));
        (await owner.Post($"{Customers}/{id}/mail", new { to = "a@example.com", subject = "x", body = "x" })).Refused(403);
        (await foreign.Post($"{Customers}/{id}/mail", new { to = "a@example.com", subject = "x", body = "x" })).Refused(404);
        (await foreign.Get($"{Customers}/{id}/mail")).Refused(404);
        foreach (var path in new[] { Log, "/api/platform/channels", "/api/platform/opt-outs" }) (await foreign.Get(path)).Refused(403);
        foreach (var bad in new[] { "", "abc", "a@", "@b.c", "a@b.c, c@d.e", "a@b.c;c@d.e", "a@b.c\r\nBcc: x@y.z", "Name <a@b.c>", new string('a', 250) + "@example.com" })
            (await post.Crm.Admin.Post($"{Customers}/{id}/mail", new { to = bad, subject = "x", body = "x" })).Refused(400);
        (await post.Crm.Admin.Post($"{Customers}/{id}/mail", new { to = "a@example.com", subject = new string('长', 201), body = "x" })).Refused(400);
        (await post.Crm.Admin.Post($"{Customers}/{id}/mail", new { to = "a@example.com", subject = "", body = "x" })).Refused(400);
        var to = Post.Address();
        (await post.Crm.Admin.Post($"{Customers}/{id}/mail", new { to, name = "甲\r\nBcc: x@y.z", subject = "一\r\nBcc: x@y.z", body = "二\r\n.\r\nMAIL FROM:<x@y.z>" })).Ok();
        await Post.Until(() => post.Smtp.To(to).Any(), "the mail arrives");
        var mail = post.Smtp.To(to).Single().Message;
        Assert.Empty(mail.Bcc);
        Assert.Equal("一 Bcc: x@y.z", mail.Subject);
        Assert.Contains("MAIL FROM", mail.TextBody);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-12")]
    public async Task Passwords_are_kept_encrypted_and_never_given_out(string engine)
    {
        var post = await Post.On(engine);
        var shown = (await post.Crm.Admin.Get("/api/platform/channels")).Ok();
        Assert.DoesNotContain(Post.Password, shown.Text);
        Assert.True(shown.Json.EnumerateArray().Single(c => c.GetProperty("kind").GetString() == "mail").GetProperty("hasSecret").GetBoolean());
        Assert.Equal(0, await post.Crm.Db.First<long>($"select count(*) from platform.channel where secret like {"%" + Post.Password + "%"} or settings like {"%" + Post.Password + "%"}"));
    }

    [Theory, OnEveryEngine, Trait("req", "SET-12")]
    public async Task Nothing_is_lost_while_the_server_is_away_and_all_goes_once_when_it_is_back(string engine)
    {
        var post = await Post.On(engine);
        await using var late = new SmtpTrap(open: false);
        var id = await post.Crm.Admin.Customer(Crm.Name("客户"));
        await post.MailOn(late.Port);
        try
        {
            var all = Enumerable.Range(0, 30).Select(i => Post.Address($"weg{i}")).ToList();
            await Task.WhenAll(all.Select(async to => (await post.Crm.Admin.Post($"{Customers}/{id}/mail", new { to, subject = "等", body = "等" })).Ok()));
            await Post.Until(async () => (await post.Crm.Admin.Get("/api/platform/channels")).Ok().Text.Contains("无法连接邮件服务器", StringComparison.Ordinal), "the outage is told");
            Assert.Equal(0, await post.Crm.Db.First<long>($"select count(*) from platform.outgoing where document_id = {id} and (state <> 'waiting' or attempts > 0)"));
            late.Open();
            await post.MailOn(late.Port);
            await Post.Until(() => late.Mails.Count >= 30, "all arrive");
            await Post.Until(async () => await post.Crm.Db.First<long>($"select count(*) from platform.outgoing where document_id = {id} and state = 'sent'") == 30, "all are noted");
            Assert.Equal(all.Order(), late.Mails.Select(m => m.To).Order());
        }
        finally
        {
            await post.MailOn();
        }
    }

    [Theory, OnEveryEngine, Trait("req", "SET-12")]
    public async Task What_is_refused_is_tried_again_or_parked_with_the_servers_words_and_can_be_sent_again(string engine)
    {
        var post = await Post.On(engine);
        var id = await post.Crm.Admin.Customer(Crm.Name("客户"));
        var (never, later) = (Post.Address("nie"), Post.Address("spaeter"));
        post.Smtp.Refuse = to => to == never ? "550 no such user" : to == later ? "451 try later" : null;
        async Task<long> Send(string to) => (await post.Crm.Admin.Post($"{Customers}/{id}/mail", new { to, subject = "x", body = "x" })).Ok().Json.GetProperty("id").GetInt64();
        var (first, second) = (await Send(never), await Send(later));
        await Post.Until(async () => await post.State(first) == "parked", "a refusal for good parks at once");
        var row = (await post.Crm.Admin.Get($"{Log}/{first}")).Ok().Json;
        Assert.Contains("no such user", row.GetProperty("error").GetString());
        await Post.Until(async () => await post.Crm.Db.First<long>($"select attempts from platform.outgoing where id = {second}") == 1, "a refusal for now counts");
        Assert.Equal("waiting", await post.State(second));
        post.Smtp.Refuse = _ => null;
        Assert.Equal("2", (await post.Crm.Admin.Post($"{Log}/retry", new { ids = new[] { first, second } })).Ok().Text);
        await Post.Until(() => post.Smtp.To(never).Any() && post.Smtp.To(later).Any(), "both arrive");
        await Task.Delay(300);
        Assert.Single(post.Smtp.To(never));
        Assert.Single(post.Smtp.To(later));
        Assert.Equal("0", (await post.Crm.Admin.Post($"{Log}/retry", new { ids = new[] { first } })).Ok().Text);
    }

    [Theory, OnEveryEngine, Trait("req", "SET-12")]
    public async Task One_key_sends_once_however_many_ask_and_many_senders_send_each_once(string engine)
    {
        var post = await Post.On(engine);
        var to = Post.Address("einmal");
        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => post.Do(post.Crm.Admin.Id, o => o.Send(new Letter { To = new(to), Subject = "x", Body = "x", OnceKey = "test:" + to }))));
        Assert.Single(ids.Distinct());
        var many = Enumerable.Range(0, 200).Select(i => Post.Address($"je{i}")).ToList();
        await post.Do(post.Crm.Admin.Id, async o => { foreach (var a in many) await o.Send(new Letter { To = new(a), Subject = "x", Body = "x" }); return 0; });
        var dispatcher = post.Crm.Services.GetRequiredService<OutgoingDispatcher>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => { while (await dispatcher.SendDue([OutgoingChannel.Mail], default)) { } })));
        await Post.Until(() => many.All(a => post.Smtp.To(a).Any()), "all arrive");
        Assert.All(many.Append(to), a => Assert.Single(post.Smtp.To(a)));
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-3"), Trait("req", "SET-12")]
    public async Task A_mailing_gives_everyone_one_copy_of_their_own_and_leaves_out_who_wants_none(string engine)
    {
        var post = await Post.On(engine);
        var crm = post.Crm;
        var customers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (Id: await crm.Admin.Customer(Crm.Name("群发客户")), To: Post.Address($"viele{i}"))));
        var (gone, key) = (Post.Address("raus"), Crm.Name("marketing"));
        (await crm.Admin.Post("/api/platform/opt-outs", new { address = gone.ToUpperInvariant(), @out = true })).Ok();
        Sdk.Mailing Wish(IEnumerable<MailingTarget> targets) => new() { Label = "新品发布", Subject = "{{ 单据.客户名称 }}", Body = "<p>{{ 单据.编号 }} {{ 收件人.姓名 }}</p>", DocumentType = "customer", OnceKey = key, Targets = [.. targets] };
        var targets = customers.Select(c => new MailingTarget(new(c.To, "甲"), c.Id)).ToList();
        var made = await post.Do(crm.Admin.Id, o => o.SendMany(Wish([.. targets, targets[0], new(new(gone), customers[0].Id), new(new("keine"), customers[0].Id)])));
        Assert.Equal((20, 1, 1), (made.Rows, made.OptedOut, made.Repeated));
        Assert.Equal(["keine"], made.BadAddresses);
        // A second time under the same key, from many at once: nothing more.
        var again = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => post.Do(crm.Admin.Id, o => o.SendMany(Wish(targets)))));
        Assert.All(again, a => Assert.Equal((made.MailingId, 0), (a.MailingId, a.Rows)));
        await Post.Until(async () => (await post.Do(crm.Admin.Id, o => o.StateOf(made.MailingId))).Sent == 20, "all went out");
        foreach (var c in customers)
        {
            var mail = Assert.Single(post.Smtp.To(c.To)).Message;
            Assert.Equal((await crm.Admin.View("customers", c.Id)).GetProperty("name").GetString(), mail.Subject);
            Assert.Contains("/opt-out?t=", mail.Headers["List-Unsubscribe"]);
        }
        Assert.Empty(post.Smtp.To(gone));
        // The link: looking changes nothing, the button does, a made-up one never.
        var link = new Uri(post.Smtp.To(customers[0].To).Single().Message.Headers["List-Unsubscribe"]!.Trim('<', '>'));
        var stranger = crm.Stranger();
        (await stranger.Get(link.PathAndQuery)).Ok();
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from platform.opt_out where address = {customers[0].To}"));
        Assert.Contains("链接无效", (await stranger.Post("/opt-out?t=erfunden", new { })).Text);
        Assert.Contains("已退订", (await stranger.Send(HttpMethod.Post, link.PathAndQuery)).Text);
        var next = await post.Do(crm.Admin.Id, o => o.SendMany(new Sdk.Mailing { Label = "又一次", Subject = "x", Body = "x", Targets = [new(new(customers[0].To)), new(new(customers[1].To))] }));
        Assert.Equal((1, 1), (next.Rows, next.OptedOut));
        await Assert.ThrowsAsync<Invalid>(() => post.Do(crm.Admin.Id, o => o.SendMany(new Sdk.Mailing { Label = "坏", Subject = "x", Body = "{{ 单据.没有 }}", DocumentType = "customer", Targets = targets })));
    }

    [Theory, OnEveryEngine, Trait("req", "SET-12"), Trait("req", "EVT-2")]
    public async Task Killed_in_the_midst_of_sending_nothing_is_lost_and_what_goes_twice_bears_one_message_id(string engine)
    {
        var database = await Databases.Fresh(engine);
        await using var smtp = new SmtpTrap();
        var all = Enumerable.Range(0, 120).Select(i => $"kill{i}@example.com").ToList();
        await using (var crm = await Crm.StartOn(engine, database, settings: [("Dispatch", "off")]))
        {
            var post = new Post(crm, smtp, null!);
            await post.MailOn();
            await post.Do(crm.Admin.Id, async o => { foreach (var a in all) await o.Send(new Letter { To = new(a), Subject = "x", Body = "x" }); return 0; });
        }
        smtp.BeforeYes = _ => Task.Delay(15);
        var kills = 0;
        for (var seen = 0; kills < 3 && seen < all.Count; kills++)
        {
            using var host = HostProcess.Start([.. Crm.Settings(engine, database).Select(s => $"--{s.Key}={s.Value}"), "--Plugins=none", "--Jobs=off", "--Outgoing:LeaseSeconds=2", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Error"]);
            try
            {
                var before = seen;
                await Post.Until(() => smtp.Mails.Count > before + 12, "some go out", 120);
                seen = smtp.Mails.Count;
            }
            finally
            {
                host.Kill(entireProcessTree: true);
                await host.WaitForExitAsync();
            }
        }
        smtp.BeforeYes = _ => Task.CompletedTask;
        await using var after = await Crm.StartOn(engine, database, settings: [("Outgoing:LeaseSeconds", "2")]);
        await Post.Until(async () => await after.Db.First<long>($"select count(*) from platform.outgoing where state = 'sent'") == all.Count, "all are sent in the end", 120);
        Assert.Equal(all.Order(), smtp.Mails.Select(m => m.To).Distinct().Order());
        // The one whose yes the killed host never noted; it bears the id of the first, by which receivers drop it.
        Assert.True(smtp.Mails.Count - all.Count <= kills, $"{smtp.Mails.Count - all.Count} doubles after {kills} kills");
        Assert.All(smtp.Mails.GroupBy(m => m.To), g => Assert.Single(g.Select(m => m.Message.MessageId).Distinct()));
    }
}
