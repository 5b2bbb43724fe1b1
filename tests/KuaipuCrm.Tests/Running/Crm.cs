using System.Collections.Concurrent;
using System.Globalization;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using KuaipuCrm.Tests.Statements;
using MediatR;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(CleanUp))]

namespace KuaipuCrm.Tests.Running;

/// <summary>A whole CRM, as it runs at a customer's: the real host on a real database. Only the clock may be another.</summary>
public sealed class Crm : WebApplicationFactory<Program>
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Crm>>> Running = new();
    private static int counted;
    private readonly string engine, database;
    private (string Key, string Value)[] more = [];
    private readonly string? plugins;
    private readonly bool jobs;

    private Crm(string engine, string database, FakeTimeProvider? clock, string? plugins, bool jobs) => (this.engine, this.database, this.plugins, this.jobs, Clock) = (engine, database, plugins, jobs, clock);

    /// <summary>Set where the test moves the time; the real clock otherwise.</summary>
    public FakeTimeProvider? Clock { get; }

    /// <summary>File on SQLite, connection string elsewhere.</summary>
    public string Database => database;

    public Employee Admin { get; private set; } = null!;

    /// <summary>The head department every account set begins with.</summary>
    public long HeadDepartment { get; private set; }

    public Db Db => new(Services.GetRequiredService<Engine>());

    /// <summary>One for all tests of the run that only add rows and look at their own: starting a host is dear.</summary>
    public static Task<Crm> Shared(string engine) => Running.GetOrAdd(engine, e => new(() => Start(e))).Value;

    /// <summary>One of its own, for tests that move the clock or spoil the database.</summary>
    public static async Task<Crm> Start(string engine, FakeTimeProvider? clock = null) => await StartOn(engine, await Databases.Fresh(engine), clock);

    /// <summary>On a given database; with the plug-ins of a folder.</summary>
    public static async Task<Crm> StartOn(string engine, string database, FakeTimeProvider? clock = null, string? plugins = null, bool jobs = false, params (string Key, string Value)[] settings)
    {
        return await Begin(new Crm(engine, database, clock, plugins, jobs) { more = settings });
    }

    private static async Task<Crm> Begin(Crm crm)
    {
        if (crm.Services.GetRequiredService<Engine>() is SqlServerOnSqlite speaker)
        {
            speaker.Protect(crm.Services.GetRequiredService<ModuleCatalog>().Documents.Select(d => (d.Type, d.Table)));
            speaker.Speaks = true;
        }
        var organization = crm.Services.GetRequiredService<Caches>().Organization;
        crm.HeadDepartment = organization.Departments[0].Id;
        crm.Admin = await crm.As(organization.People.Single(p => p.Login == "admin").Id, "admin", "系统管理员");
        return crm;
    }

    /// <summary>A name no other test uses.</summary>
    public static string Name(string what) => $"{what}{Interlocked.Increment(ref counted).ToString("x4", CultureInfo.InvariantCulture)}{Random.Shared.Next(0xFFFF):x4}";

    /// <summary>A browser nobody has signed in with.</summary>
    public Employee Stranger() => new(this, 0, "", "", NewClient(null));

    /// <summary>Signed in as the user, without the way over the password, which has tests of its own.</summary>
    public async Task<Employee> As(long userId, string login, string name) =>
        new(this, userId, login, name, NewClient(await SessionOf(userId)));

    /// <summary>The cookie of a new session.</summary>
    public Task<string> SessionOf(long userId) => Services.GetRequiredService<Sessions>().Start(userId, "127.0.0.1", "tests", default);

    /// <summary>A program with a token.</summary>
    public Employee Program(string secret, params (string Name, string Value)[] headers)
    {
        var http = NewClient(null);
        http.DefaultRequestHeaders.Add("Authorization", "Bearer " + secret);
        foreach (var (name, value) in headers) http.DefaultRequestHeaders.Add(name, value);
        return new(this, 0, "", "", http);
    }

    public async Task<long> Department(string name, long? below = null, long? manager = null) =>
        await Admin.Create("/api/settings/departments", new { name = Name(name), parentId = below ?? HeadDepartment, managerId = manager });

    public async Task<long> Role(IReadOnlyList<string> permissions, ScopeKind scope = ScopeKind.Own, IReadOnlyList<long>? chosen = null, object? entries = null)
    {
        var id = await Admin.Create("/api/settings/roles", new { name = Name("角色") });
        await SetRole(id, permissions, scope, chosen, entries);
        return id;
    }

    public async Task SetRole(long id, IReadOnlyList<string> permissions, ScopeKind scope, IReadOnlyList<long>? chosen = null, object? entries = null) =>
        (await Admin.Post($"/api/settings/roles/{id}/rights", new { permissions, grants = new[] { new { type = "*", kind = (int)scope, departments = chosen ?? [] } }, entries })).Ok();

    /// <summary>A new user in a department, holding the role.</summary>
    public async Task<Employee> Hire(long department, long? role, long? superior = null, string name = "王强")
    {
        var (login, full) = (Name("u"), Name(name));
        var id = await Admin.Create("/api/settings/users", new { name = full, login, homeId = department, superiorId = superior });
        if (role is { } r) (await Admin.Post($"/api/settings/users/{id}/roles", new { roleIds = new[] { r } })).Ok();
        return await As(id, login, full);
    }

    /// <summary>Carries out a message as the user, for what has no endpoint.</summary>
    public async Task<T> Send<T>(Employee person, IRequest<T> message)
    {
        await using var scope = Services.GetAutofacRoot().BeginLifetimeScope();
        scope.Resolve<Caller>().ActAs(person.Id, "test");
        return await scope.Resolve<IMediator>().Send(message);
    }

    /// <summary>A new user in a department of its own, with a role of its own.</summary>
    public async Task<Employee> Hire(IReadOnlyList<string> permissions, ScopeKind scope = ScopeKind.Own) => await Hire(await Department("部门"), await Role(permissions, scope));

    public HttpClient NewClient(string? session)
    {
        var http = new HttpClient(Server.CreateHandler()) { BaseAddress = new Uri("http://localhost"), Timeout = TimeSpan.FromMinutes(2) };
        if (session is not null) http.DefaultRequestHeaders.Add("Cookie", $"{SessionAuthentication.Cookie}={session}");
        return http;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        foreach (var (key, value) in Settings(engine, database).Concat(more)) builder.UseSetting(key, value);
        builder.UseSetting("Plugins", plugins ?? "none");
        builder.UseSetting("Jobs", jobs ? "on" : "off");
        if (more.All(m => m.Key != "Logging:LogLevel:Default")) builder.ConfigureLogging(l => l.SetMinimumLevel(LogLevel.Error));
    }

    protected override IHost CreateHost(IHostBuilder builder)
    {
        if (Clock is { } clock) builder.ConfigureContainer<ContainerBuilder>(b => b.RegisterInstance(clock).As<TimeProvider>());
        if (engine == Engines.SqlServerOnSqlite)
            builder.ConfigureContainer<ContainerBuilder>(b => b.Register(c => new SqlServerOnSqlite(database, Startup.Schemas(c.Resolve<ModuleCatalog>()))).As<Engine>().As<IDialect>().SingleInstance());
        return base.CreateHost(builder);
    }

    /// <summary>What an administrator would write into the configuration.</summary>
    internal static IEnumerable<(string Key, string Value)> Settings(string engine, string database)
    {
        yield return ("Engine", engine == Engines.SqlServerOnSqlite ? Engines.Sqlite : engine);
        yield return (engine is Engines.Sqlite or Engines.SqlServerOnSqlite ? "File" : "Connection", database);
        // A folder for each database: hosts with other clocks sweep files by their age.
        yield return ("Data", Path.Combine(Databases.Folder, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(database)))[..16]));
        // All tests of a run are one administrator.
        yield return ("Api:RequestsPerMinute", "1000000");
        yield return ("Api:WrongTokensPerMinute", "1000000");
    }

    internal static async Task StopShared()
    {
        foreach (var crm in Running.Values) await (await crm.Value).DisposeAsync();
        Running.Clear();
    }
}

/// <summary>After the last test of the run.</summary>
public sealed class CleanUp : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Crm.StopShared();
        await Databases.CleanUp();
    }
}
