using System.Net.Http.Json;
using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Events;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>The host is killed in the midst of an import, again and again: it goes on where it was, and no row is lost or comes twice (DOC-4, UI-12).</summary>
[Trait("size", "large")]
public class ImportingKilled
{
    private const string Customers = "/api/customers/customers";
    private const int Rows = 20_000;

    [Theory, OnEveryEngine, Trait("req", "DOC-4"), Trait("req", "UI-12")]
    public async Task An_import_survives_the_kill_of_its_host(string engine)
    {
        var database = await Databases.Fresh(engine);
        string cookie;
        await using (var crm = await Crm.StartOn(engine, database)) cookie = await crm.SessionOf(crm.Admin.Id);
        var (port, random, operation) = (Killing.FreePort(), new Random(), 0L);
        // A fault at the beginning, further contacts of the first and of the last customer at the end.
        string[] lines = ["客户名称,电话,联系人", "坏的有限公司,电话,张三", .. Enumerable.Range(2, Rows - 1).Select(i => $"杀不死{i}号有限公司,0755-{20_000_000 + i},张三"), "杀不死2号有限公司,0755-20000002,李四", "坏的有限公司,0755-20000003,王五"];
        for (var kill = 0; ; kill++)
        {
            using var host = Killing.Start(engine, database, "none", port);
            try
            {
                await Killing.Listening(port);
                using var http = Killing.Client(port, cookie);
                http.Timeout = TimeSpan.FromSeconds(60);
                if (operation == 0) operation = await Begin(http, lines);
                var before = await Done(http, operation);
                // Killed three times after some chunks have come in; then left to end.
                var until = DateTime.UtcNow.AddMinutes(4);
                while (await Done(http, operation) is { Ended: false } now && (kill >= 3 || now.Rows <= before.Rows))
                {
                    Assert.True(DateTime.UtcNow < until, "The import did not go on.");
                    await Task.Delay(15);
                }
                if ((await Done(http, operation)).Ended)
                {
                    // On PostgreSQL a host is believed gone only after two minutes of silence; a second start looks at once.
                    Assert.True(kill > 0, "It was over before it could be killed.");
                    break;
                }
                await Task.Delay(random.Next(0, 300));
            }
            finally
            {
                host.Kill(entireProcessTree: true);
                await host.WaitForExitAsync();
            }
            if (engine != Engines.Sqlite) await Forget(engine, database, operation);
        }
        await using var after = await Crm.StartOn(engine, database);
        var report = (await after.Admin.Get($"{Customers}/import/{operation}")).Ok().Json;
        Assert.Equal((Rows, 2, "done"), (report.GetProperty("created").GetInt32(), report.GetProperty("operation").GetProperty("failed").GetInt32(), report.GetProperty("operation").GetProperty("state").GetString()));
        var guard = Sql.Trusted($"{Sql.Guard}customer{Sql.Guard}{Sql.Guard}contact{Sql.Guard}");
        Assert.Equal(Rows - 1, await after.Db.First<long>($"select count(*) from customers.customer c where {guard} 1 = 1"));
        Assert.Equal(Rows - 1, await after.Db.First<long>($"select count(distinct name) from customers.customer c where {guard} 1 = 1"));
        Assert.Equal(Rows, await after.Db.First<long>($"select count(*) from customers.contact c where {guard} 1 = 1"));
        Assert.Equal(0, await after.Db.First<long>($"select count(*) from customers.customer c left join (select document_id from platform.history where operation_id = {operation} group by document_id having count(*) = 1) h on h.document_id = c.id where {guard} h.document_id is null"));
        Assert.Equal(0, await after.Db.First<long>($"select count(*) from customers.customer c left join (select distinct document_id from platform.gram) g on g.document_id = c.id where {guard} g.document_id is null"));
        var undone = (await after.Admin.Post($"/api/platform/operations/{operation}/undo", new { })).Ok();
        await Delivering.Until(async () => await after.Db.First<long>($"select count(*) from customers.customer c where {guard} c.deleted_at is null") == 0, 300);
        Assert.NotNull(undone);
    }

    /// <summary>As after two minutes in which the killed host said nothing.</summary>
    private static async Task Forget(string engine, string database, long operation)
    {
        await using var crm = await Crm.StartOn(engine, database, settings: ("Dispatch", "off"));
        var (db, long_ago) = (crm.Db, DateTime.UtcNow.AddMinutes(-5));
        await db.Unit(() => db.Execute($"update platform.operation set seen_at = {long_ago} where id = {operation}"));
    }

    private static async Task<long> Begin(HttpClient http, string[] lines)
    {
        using var upload = await http.PostAsync($"{Customers}/import/files?name=kill.csv", new ByteArrayContent([0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", lines))]));
        var file = (await upload.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("file").GetString();
        using var begun = await http.PostAsJsonAsync($"{Customers}/import", new { file, sheet = 0, columns = new Dictionary<string, string> { ["0"] = "name", ["1"] = "phone", ["2"] = "contact.name" }, mode = "GoodRows" });
        return await begun.Content.ReadFromJsonAsync<long>();
    }

    private static async Task<(int Rows, bool Ended)> Done(HttpClient http, long operation)
    {
        var now = (await http.GetFromJsonAsync<JsonElement>($"{Customers}/import/{operation}")).GetProperty("operation");
        return (now.GetProperty("done").GetInt32(), now.GetProperty("state").GetString() is "done" or "failed" or "cancelled");
    }
}
