using System.Collections.Concurrent;
using System.Net;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Outgoing;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

[assembly: AssemblyFixture(typeof(KuaipuCrm.Tests.Outgoing.PostOffices))]

namespace KuaipuCrm.Tests.Outgoing;

/// <summary>A CRM whose mail goes to a server of the test's and which may call loopback; one for all tests of the run on an engine, as starting hosts is dear.</summary>
internal sealed class Post(Crm crm, SmtpTrap smtp, HttpTrap http)
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Post>>> Open = new();

    public Crm Crm => crm;
    public SmtpTrap Smtp => smtp;
    public HttpTrap Http => http;

    public static Task<Post> On(string engine) => Open.GetOrAdd(engine, e => new(() => Start(e))).Value;

    private static async Task<Post> Start(string engine)
    {
        var post = new Post(await Crm.StartOn(engine, await Databases.Fresh(engine), settings: [Loopback]), new SmtpTrap(), new HttpTrap());
        await post.MailOn();
        return post;
    }

    /// <summary>The administrator lets the CRM call servers of its own machine.</summary>
    public static readonly (string Key, string Value) Loopback = ("Outgoing:Networks", "127.0.0.0/8");

    /// <summary>Sets the mail server up; also makes the CRM try again at once.</summary>
    public async Task MailOn(int? port = null) => (await crm.Admin.Post("/api/platform/channels/mail", new
    {
        settings = new { host = "127.0.0.1", port = port ?? smtp.Port, security = "none", user = "crm", from = "crm@kuaipu.example", fromName = "快普", publicUrl = "https://crm.kuaipu.example" },
        password = Password,
        enabled = true,
    })).Ok();

    public const string Password = "Geheim-7531";

    /// <summary>Asks the platform's service as a module's command would.</summary>
    public async Task<T> Do<T>(long user, Func<IOutgoing, Task<T>> act)
    {
        await using var scope = crm.Services.GetAutofacRoot().BeginLifetimeScope();
        scope.Resolve<Caller>().ActAs(user, "test");
        return await scope.Resolve<Db>().Unit(() => act(scope.Resolve<IOutgoing>()));
    }

    public Task<long> Template(string kind, string? type, string? subject, string body) => Template(crm, kind, type, subject, body);

    public static async Task<long> Template(Crm crm, string kind, string? type, string? subject, string body) =>
        long.Parse((await crm.Admin.Post("/api/platform/templates", new { kind, type, name = Crm.Name("模板"), subject, body, enabled = true, version = 0 })).Ok().Text, System.Globalization.CultureInfo.InvariantCulture);

    public static string Address(string who = "a") => Crm.Name(who.ToLowerInvariant()).ToLowerInvariant() + "@example.com";

    public static async Task Until(Func<Task<bool>> holds, string what, int seconds = 60)
    {
        for (var i = 0; i < seconds * 20; i++)
        {
            if (await holds()) return;
            await Task.Delay(50);
        }
        Assert.Fail($"Not within {seconds} s: {what}");
    }

    public static Task Until(Func<bool> holds, string what, int seconds = 60) => Until(() => Task.FromResult(holds()), what, seconds);

    public async Task<string?> State(long id) => await crm.Db.First<string>($"select state from platform.outgoing where id = {id}");

    internal static async Task Close()
    {
        foreach (var post in Open.Values)
        {
            var p = await post.Value;
            await p.Crm.DisposeAsync();
            await p.Smtp.DisposeAsync();
            p.Http.Dispose();
        }
        Open.Clear();
    }

}

/// <summary>After the last test of the run.</summary>
public sealed class PostOffices : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await Post.Close();
}
