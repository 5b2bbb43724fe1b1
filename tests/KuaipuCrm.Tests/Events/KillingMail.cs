using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Outgoing;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Events;

/// <summary>The host is killed while it sends (SET-12).</summary>
[Trait("size", "large")]
public class KillingMail
{
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
