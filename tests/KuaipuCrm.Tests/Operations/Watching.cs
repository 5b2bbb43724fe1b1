using System.Collections.Concurrent;
using System.Net;
using System.Text;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Operations;

/// <summary>What operators see, and what they don't (OPS-5).</summary>
public class Watching
{
    [Fact, Trait("req", "OPS-5")]
    public async Task Traces_metrics_and_logs_arrive_by_otlp_and_hold_no_personal_data()
    {
        using var collector = new Collector();
        await using var crm = await Crm.StartOn(Engines.Sqlite, await Databases.Fresh(Engines.Sqlite), settings: [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("Logging:LogLevel:Default", "Information"), .. RoomForAll]);
        var li = await crm.Hire(Employee.Sales);
        var name = "绝密客户有限公司";
        var id = await li.Customer(name, new { phone = "0755-98761234", email = "geheim@example.com", remarks = "备注绝密" });
        await li.Contact("机密联系人", new { mobile = "13987654321", employerId = id });
        (await li.Get($"/api/customers/customers?text={Uri.EscapeDataString("绝密")}")).Ok();
        (await li.Get("/api/customers/customers?phone.is=0755-98761234")).Ok();
        await li.Post("/api/customers/customers", new { name, confirmed = Array.Empty<string>() });
        (await li.Post("/api/customers/customers", new { name = "", email = "geheim@@x" })).Is(400);
        using (var browser = crm.CreateClient(new Microsoft.AspNetCore.Mvc.Testing.WebApplicationFactoryClientOptions { AllowAutoRedirect = false }))
            Assert.Equal(HttpStatusCode.Unauthorized, await Attacks.FromTheWeb.TryDoor(browser, "geheimlogin", "Geheim-Passwort-1"));
        var awaited = new List<string> { "SaveDocument", "ListDocuments", "insert into", "/v1/logs" };
        var looked = 0;
        for (var end = DateTime.UtcNow.AddMinutes(1); awaited.Count > 0 && DateTime.UtcNow < end; await Task.Delay(100))
            foreach (var (path, text) in collector.After(ref looked)) awaited.RemoveAll(a => a == path || text.Contains(a, StringComparison.Ordinal));
        await crm.DisposeAsync();
        Assert.Superset(new HashSet<string> { "/v1/traces", "/v1/metrics", "/v1/logs" }, collector.Paths.ToHashSet());
        var sent = collector.Text;
        foreach (var shown in new[] { "SaveDocument", "ListDocuments", "insert into", "kuaipu.message.duration" }) Assert.Contains(shown, sent);
        foreach (var hidden in new[] { "绝密", "98761234", "13987654321", "geheim", "Geheim", "机密" }) Assert.DoesNotContain(hidden, sent);
    }

    [Fact, Trait("req", "OPS-5")]
    public async Task Alive_and_ready_are_told_apart()
    {
        var proxied = new Outage.Door();
        Assert.SkipUnless(Engines.IsThere(Engines.Postgres), "no PostgreSQL given");
        await using var door = proxied;
        await using var crm = await Crm.StartOn(Engines.Postgres, await door.Before(await Databases.Fresh(Engines.Postgres)));
        (await crm.Stranger().Get("/health")).Ok();
        await Events.Delivering.Until(async () => (int)(await crm.Stranger().Get("/ready")).Status == 200);
        door.Shut();
        Assert.Equal(503, (int)(await crm.Stranger().Get("/ready")).Status);
        (await crm.Stranger().Get("/health")).Ok();
        door.Open();
        await Events.Delivering.Until(async () => (int)(await crm.Stranger().Get("/ready")).Status == 200);
    }

    /// <summary>Spans are traced by the process: those of all other tests wait in this host's queue too, and what finds it full is dropped.</summary>
    private static readonly (string, string)[] RoomForAll = [("OTEL_BSP_MAX_QUEUE_SIZE", "1000000"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5000"), ("OTEL_BSP_SCHEDULE_DELAY", "200")];

    /// <summary>Takes in whatever is sent by OTLP over HTTP.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly ConcurrentQueue<(string Path, string Text)> taken = new();

        public Collector()
        {
            using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            }
            listener.Prefixes.Add(Url + "/");
            listener.Start();
            _ = Task.Run(async () =>
            {
                while (listener.IsListening)
                    try
                    {
                        var call = await listener.GetContextAsync();
                        using var body = new MemoryStream();
                        await call.Request.InputStream.CopyToAsync(body);
                        taken.Enqueue((call.Request.Url!.AbsolutePath, Encoding.UTF8.GetString(body.ToArray())));
                        call.Response.Close();
                    }
                    catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                    {
                        return;
                    }
            });
        }

        public string Url { get; }
        public IEnumerable<string> Paths => taken.Select(t => t.Path).Distinct();

        /// <summary>What came since the last look.</summary>
        public (string Path, string Text)[] After(ref int looked)
        {
            var all = taken.ToArray();
            var (from, _) = (looked, looked = all.Length);
            return all[from..];
        }

        public string Text => string.Concat(taken.Select(t => t.Text));
        public void Dispose() => listener.Close();
    }
}
