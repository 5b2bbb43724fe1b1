using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Events;
using KuaipuCrm.Tests.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace KuaipuCrm.Tests.Operations;

/// <summary>Hosts behind a reverse proxy that takes them in turns, as a company runs them (OPS-3).</summary>
[Trait("size", "large")]
public class BehindAProxy
{
    private const string Address = "203.0.113.77", Password = "Kp-2026-proxy";

    [Fact, Trait("req", "OPS-3"), Trait("req", "SEC-5")]
    public async Task Two_hosts_are_one_to_who_comes_through_the_proxy_and_know_whence_they_come()
    {
        Assert.SkipWhen(!Engines.IsThere(Engines.Postgres), "no PostgreSQL given");
        var database = await Databases.Fresh(Engines.Postgres);
        await using var look = await Crm.StartOn(Engines.Postgres, database);
        var role = await look.Role(Employee.Sales);
        var li = await look.Hire(await look.Department(Crm.Name("代理")), role);
        (await look.Admin.Post($"/api/settings/users/{li.Id}/password", new { password = "Chushi-1234" })).Ok();
        int[] ports = [Killing.FreePort(), Killing.FreePort()];
        var hosts = ports.Select(p => Killing.Start(Engines.Postgres, database, "none", p, "--Proxies=127.0.0.1, 10.0.0.0/8")).ToList();
        try
        {
            foreach (var port in ports) await Killing.Listening(port);
            await using var proxy = await Proxy.Before(ports);
            using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new() }) { BaseAddress = new Uri(proxy.Url) };
            // The form comes from one host and goes to the other: they share their keys.
            var token = Regex.Match(await browser.GetStringAsync("/sign-in"), "name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"").Groups[1].Value;
            using var signedIn = await browser.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["login"] = li.Login, ["password"] = "Chushi-1234", ["newPassword"] = Password, ["repeat"] = Password, ["__RequestVerificationToken"] = token }));
            Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
            var cookie = signedIn.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith(SessionAuthentication.Cookie, StringComparison.Ordinal));
            // The visitor speaks https with the proxy, so the cookie never travels without.
            Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
            browser.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
            async Task<HttpStatusCode> Ask(HttpMethod method, string url, object? body = null, string? origin = null)
            {
                using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json") };
                if (origin is not null) request.Headers.Add("Origin", origin);
                using var answer = await browser.SendAsync(request);
                return answer.StatusCode;
            }

            // Pages name the public host as their origin; another one is another site.
            for (var i = 0; i < 4; i++) Assert.Equal(HttpStatusCode.Created, await Ask(HttpMethod.Post, "/api/customers/customers", new { name = Crm.Name("经代理") }, $"https://{Proxy.PublicHost}"));
            for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.Forbidden, await Ask(HttpMethod.Post, "/api/customers/customers", new { name = Crm.Name("别的网站") }, "https://evil.example"));
            Assert.Equal([Address], (await look.Db.Query<string>($"select address from platform.session where user_id = {li.Id} and agent <> 'tests'")).Distinct());

            // What one host changes the other feels within five seconds.
            await look.SetRole(role, [], ScopeKind.Own);
            await Delivering.Until(async () => await Ask(HttpMethod.Get, "/api/customers/customers") == HttpStatusCode.Forbidden && await Ask(HttpMethod.Get, "/api/customers/customers") == HttpStatusCode.Forbidden, 5);
            Assert.True(proxy.Served.All(n => n > 3), "One of the hosts was not asked.");
        }
        finally
        {
            foreach (var host in hosts)
            {
                host.Kill(entireProcessTree: true);
                host.Dispose();
            }
        }
    }

    [Fact, Trait("req", "SEC-6")]
    public async Task Whence_a_request_comes_is_not_for_the_request_to_say()
    {
        var database = await Databases.Fresh(Engines.Sqlite);
        var port = Killing.FreePort();
        // A proxy is known, but it is another one.
        using var host = Killing.Start(Engines.Sqlite, database, "none", port, "--Proxies=10.1.2.3");
        try
        {
            await Killing.Listening(port);
            using var http = Killing.Client(port, null);
            http.Timeout = TimeSpan.FromMinutes(2);
            http.DefaultRequestHeaders.Add("X-Forwarded-For", Address);
            http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
            // The first visitor from afar is asked for the code on the console, whatever the request says.
            var page = await http.GetStringAsync("/sign-in");
            Assert.Contains("name=\"code\"", page);
            var token = Regex.Match(page, "name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"").Groups[1].Value;
            http.DefaultRequestHeaders.Remove("X-Forwarded-For");
            // All at once: in one minute, however slow the machine.
            var answers = await Task.WhenAll(Enumerable.Range(0, 70).Select(async i =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["login"] = $"nobody{i}", ["password"] = "falsch-2026-X", ["__RequestVerificationToken"] = token }) };
                request.Headers.Add("X-Forwarded-For", $"198.51.100.{i}");
                using var answer = await http.SendAsync(request);
                return answer.StatusCode;
            }));
            // Another address in each request doesn't get around the limit of tries.
            Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        }
        finally
        {
            host.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Ends https, says for whom it asks, and takes the hosts in turns.</summary>
    private sealed class Proxy : IAsyncDisposable
    {
        public const string PublicHost = "crm.example.com";
        private static readonly HashSet<string> Own = ["transfer-encoding", "connection"];
        private readonly WebApplication app;
        private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        private int turn;

        private Proxy(WebApplication app, int hosts) => (this.app, Served) = (app, new int[hosts]);

        public int[] Served { get; }
        public string Url => app.Urls.First();

        public static async Task<Proxy> Before(int[] ports)
        {
            var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
            builder.Logging.ClearProviders();
            var proxy = new Proxy(builder.Build(), ports.Length);
            proxy.app.Run(context => proxy.Pass(context, ports));
            await proxy.app.StartAsync();
            return proxy;
        }

        private async Task Pass(HttpContext context, int[] ports)
        {
            var which = Interlocked.Increment(ref turn) % ports.Length;
            Served[which]++;
            using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"http://127.0.0.1:{ports[which]}{context.Request.Path}{context.Request.QueryString}");
            if (context.Request.ContentLength > 0)
            {
                request.Content = new StreamContent(context.Request.Body);
                request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
            }
            foreach (var header in context.Request.Headers.Where(h => h.Key is "Cookie" or "Origin")) request.Headers.TryAddWithoutValidation(header.Key, (string?)header.Value);
            request.Headers.Add("X-Forwarded-For", Address);
            request.Headers.Add("X-Forwarded-Proto", "https");
            request.Headers.Add("X-Forwarded-Host", PublicHost);
            using var answer = await http.SendAsync(request);
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(h => !Own.Contains(h.Key.ToLowerInvariant()))) context.Response.Headers[header.Key] = header.Value.ToArray();
            await answer.Content.CopyToAsync(context.Response.Body);
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            http.Dispose();
        }
    }
}
