using KuaipuCrm.Tests.Outgoing;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Events;

/// <summary>The host is killed while it tells other programs of events (API-4).</summary>
[Trait("size", "large")]
public class KillingWebhooks
{
    [Theory, OnEveryEngine, Trait("req", "API-4"), Trait("req", "EVT-2")]
    public async Task Killed_in_the_midst_of_telling_every_event_arrives_and_what_comes_twice_bears_one_id(string engine)
    {
        const int many = 120;
        var database = await Databases.Fresh(engine);
        using var http = new HttpTrap();
        await using (var crm = await Crm.StartOn(engine, database, settings: [("Dispatch", "off"), Post.Loopback]))
        {
            (await crm.Admin.Post("/api/platform/webhooks", new { name = "ERP", url = http.Url + "erp", events = new[] { "customers.customer-created" }, on = true })).Ok();
            (await crm.Admin.Post("/api/customers/customers/bulk", new { rows = Enumerable.Range(0, many).Select(i => new { name = $"挂钩企业{i:D3}有限公司", confirmed = new[] { "duplicate" } }) })).Ok();
            Assert.Equal(many, await crm.Db.First<long>($"select count(*) from platform.webhook_delivery where state = 'waiting'"));
        }
        http.Answer = _ =>
        {
            Thread.Sleep(15);
            return (200, "", null);
        };
        var kills = 0;
        for (var seen = 0; kills < 3 && seen < many; kills++)
        {
            using var host = HostProcess.Start([.. Crm.Settings(engine, database).Append(Post.Loopback).Select(s => $"--{s.Key}={s.Value}"), "--Plugins=none", "--Jobs=off", "--Outgoing:LeaseSeconds=2", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Error"]);
            try
            {
                var before = seen;
                await Post.Until(() => http.Requests.Count > before + 12, "some are told", 120);
                seen = http.Requests.Count;
            }
            finally
            {
                host.Kill(entireProcessTree: true);
                await host.WaitForExitAsync();
            }
        }
        await using var after = await Crm.StartOn(engine, database, settings: [("Outgoing:LeaseSeconds", "2"), Post.Loopback]);
        await Post.Until(async () => await after.Db.First<long>($"select count(*) from platform.webhook_delivery where state = 'sent'") == many, "all are told in the end", 120);
        var told = http.Requests.GroupBy(r => r.Headers["webhook-id"]).ToList();
        Assert.Equal(many, told.Count);
        // The one whose yes the killed host never noted: the same id and the same words, by which a receiver drops it.
        Assert.True(http.Requests.Count - many <= kills, $"{http.Requests.Count - many} doubles after {kills} kills");
        Assert.All(told, t => Assert.Single(t.Select(r => r.Body).Distinct()));
    }
}
