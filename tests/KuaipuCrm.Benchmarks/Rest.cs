using System.Diagnostics;
using Autofac;
using KuaipuCrm.Platform.Security;

namespace KuaipuCrm.Benchmarks;

/// <summary>Figure 1, by REST through Kestrel with 16 clients, against a bare minimal API that runs the floor's query.</summary>
internal static class Rest
{
    public static async Task Measure(BenchCrm crm, Report report)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:5191"]);
        builder.Logging.ClearProviders();
        await using var bare = builder.Build();
        foreach (var who in new[] { "seller", "manager", "boss" })
        {
            var sql = Lists.Floor(crm, who);
            bare.MapGet("/" + who, () => Lists.RunFloor(crm, sql));
        }
        await bare.StartAsync();
        foreach (var (who, user) in new[] { ("seller", crm.Seller), ("manager", crm.Manager), ("boss", crm.Boss) })
        {
            var cookie = $"{SessionAuthentication.Cookie}={await crm.Root.Resolve<Sessions>().Start(user, "127.0.0.1", "bench", default)}";
            var floor = await Rate($"http://127.0.0.1:5191/{who}", null);
            var ours = await Rate("http://127.0.0.1:5190/api/customers/customers?take=50&sort=-updatedAt", cookie);
            report.Add($"REST, 16 clients, {who}", $"{ours:N0} requests/s", $"{floor:N0} requests/s", $"{ours / floor:P0}", "≥ 40 %", ours / floor >= 0.4);
        }
        await bare.StopAsync();
    }

    private static async Task<double> Rate(string url, string? cookie)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = 16 });
        if (cookie is not null) client.DefaultRequestHeaders.Add("Cookie", cookie);
        async Task<int> Run(TimeSpan time)
        {
            var began = Stopwatch.GetTimestamp();
            return (await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
            {
                var n = 0;
                while (Stopwatch.GetElapsedTime(began) < time)
                {
                    using var answer = await client.GetAsync(url);
                    answer.EnsureSuccessStatusCode();
                    await answer.Content.ReadAsByteArrayAsync();
                    n++;
                }
                return n;
            }))).Sum();
        }
        await Run(TimeSpan.FromSeconds(2));
        return await Run(TimeSpan.FromSeconds(5)) / 5.0;
    }
}
