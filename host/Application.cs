using System.Globalization;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Host.Shell;
using KuaipuCrm.Host.SignIn;
using KuaipuCrm.Platform;
using KuaipuCrm.Platform.Api;
using KuaipuCrm.Platform.Api.Description;
using KuaipuCrm.Platform.CustomFields;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Events;
using KuaipuCrm.Platform.Import;
using KuaipuCrm.Platform.Jobs;
using KuaipuCrm.Platform.Migrations;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Platform.Outgoing;
using KuaipuCrm.Platform.Plugins;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Platform.Security.Tokens;
using KuaipuCrm.Sdk;
using KuaipuCrm.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.FileProviders;

namespace KuaipuCrm.Host;

/// <summary>Puts the web application together; knows no module by name.</summary>
internal static class Application
{
    /// <param name="args">The command's.</param>
    /// <param name="run">To stay, and not for one command.</param>
    public static WebApplication Build(string[] args, bool run = false)
    {
        // Not watched: the watch would cover the data folder too and be told of every write of the database.
        // Whatever the machine speaks: work in the background is done, and told of, in Chinese.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.GetCultureInfo(Languages[0].Code);
        var builder = WebApplication.CreateBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]);
        var settings = builder.Configuration;
        TypeMaps.Register();
        var catalog = ModuleCatalog.Find(AppContext.BaseDirectory);
        var data = Path.GetFullPath(settings["Data"] ?? "data");
        var plugins = Plugins.Load(catalog, settings["Plugins"] ?? Path.Combine(AppContext.BaseDirectory, "plugins"), Path.Combine(data, "plugins-off.json"));
        Texts.Load([typeof(Texts).Assembly, typeof(Startup).Assembly, typeof(ServiceRegistration).Assembly, typeof(Application).Assembly, .. catalog.Modules.Select(m => m.Assembly)]);
        var engine = Engine(settings, catalog, data);
        // Before anything is composed: a plug-in whose tables can't be made is left out whole.
        if (settings["Migrate"] != "off") Told(engine, () => Startup.Migrate(engine, catalog, plugins, default)).GetAwaiter().GetResult();
        engine.Protect(catalog.Documents.Select(d => (d.Type, d.Table)));

        builder.Host.UseServiceProviderFactory(new ContainerFactory());
        builder.Host.ConfigureContainer<ContainerBuilder>(b => Composition.Compose(b, catalog, plugins, engine, TimeProvider.System, data));
        var services = builder.Services;
        if (settings["Dispatch"] != "off") services.AddHostedService(s => s.GetRequiredService<Dispatcher>());
        if (settings["Dispatch"] != "off")
        {
            services.AddHostedService(s => s.GetRequiredService<ImportRunner>());
            OutgoingSetup.Add(services);
        }

        if (run) services.AddHostedService<AfterStart>();
        if (settings["Jobs"] != "off") JobSetup.Add(services, engine);
        if (engine is not SqliteEngine) services.AddHostedService<StampWatch>();
        if (settings["Dispatch"] != "off") services.AddHostedService(s => s.GetRequiredService<CustomIndexes>());
        Directory.CreateDirectory(Path.Combine(data, "keys"));
        services.AddDataProtection().SetApplicationName("KuaipuCrm").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(data, "keys")));
        services.AddAuthentication("caller")
            .AddPolicyScheme("caller", null, o => o.ForwardDefaultSelector = http => TokenAuthentication.Wanted(http.Request) ? TokenAuthentication.SchemeName : SessionAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>(TokenAuthentication.SchemeName, null);
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddRazorComponents().AddInteractiveServerComponents(o => o.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(5))
            .AddHubOptions(o => o.MaximumReceiveMessageSize = 512 * 1024);
        services.AddKuaipuWeb();
        services.AddLocalization();
        services.AddProblemDetails();
        services.ConfigureHttpJsonOptions(o => Bodies.Strict(o.SerializerOptions));
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddExceptionHandler<Problems>();
        services.AddHttpContextAccessor();
        foreach (var module in catalog.Modules)
        {
            // Poured in here and not by Autofac: a second Populate on one container fails at the first resolve.
            foreach (var service in module.Definition.Services) services.Add(service);
            services.AddModuleDescription(module.Id, module.Name);
        }

        services.AddModuleDescription("platform", "平台");
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database").AddCheck<DispatcherHealth>("events");
        // Requests, the import's present piece and the present event are finished first; whoever is slower is cut off and taken up again at the next start.
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(20));
        Observability.Add(builder, engine);
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = 64 * 1024 * 1024;
            // An export of chosen rows names up to 1,000 of them in its address.
            k.Limits.MaxRequestLineSize = 64 * 1024;
        });
        return Configure(builder.Build(), catalog, plugins);
    }

    /// <summary>Types, defaults; before the first request. The schema was brought up to date by <see cref="Build"/>.</summary>
    public static async Task Prepare(WebApplication app)
    {
        var root = app.Services.GetAutofacRoot();
        await Told(root.Resolve<Engine>(), () => Startup.Prepare(root, default));
        root.Resolve<Plugins>().Log(app.Logger);
        var desk = root.Resolve<SignInDesk>();
        if (await desk.IsFirstStart(default)) app.Logger.LogInformation("首次启动：请在浏览器中设置管理员（admin）的密码。从其他机器访问时需要安装码：{SetupCode}", desk.SetupCode);
    }

    /// <summary>Makes the endpoints, once and for good: what the framework finds out about their methods takes a good part of a start, and its sources would find it out whenever they are asked.</summary>
    public static void KnowEndpoints(WebApplication app)
    {
        var sources = ((IEndpointRouteBuilder)app).DataSources;
        try
        {
            var known = new DefaultEndpointDataSource(sources.SelectMany(s => s.Endpoints).ToList());
            sources.Clear();
            sources.Add(known);
        }
        catch (Exception e)
        {
            // A plug-in's endpoint that can't be made, or the preparing failed and the host has ended: as it would be told without this.
            app.Logger.LogError(e, "Endpoints are made with the first request");
        }
    }

    /// <summary>A database that can't be reached or written at the start is told in a sentence.</summary>
    /// <exception cref="SchemaException">With the sentence.</exception>
    private static async Task Told(Engine engine, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is not SchemaException && Why(e) is { } trouble)
        {
            throw new SchemaException(trouble, e);
        }

        string? Why(Exception? e) => e is null ? null : engine.Trouble(e) ?? Why(e.InnerException);
    }

    private static WebApplication Configure(WebApplication app, ModuleCatalog catalog, Plugins plugins)
    {
        app.UseProxies(app.Configuration);
        // First, so that failures are told in the reader's language, too.
        // The reader's choice, then the browser's, then Chinese. The API's description is Chinese.
        app.UseRequestLocalization(o =>
        {
            o.SetDefaultCulture("zh-CN").AddSupportedCultures("zh-CN", "zh", "en").AddSupportedUICultures("zh-CN", "zh", "en");
            o.RequestCultureProviders =
            [
                new CustomRequestCultureProvider(http => Task.FromResult(http.Request.Path.StartsWithSegments("/openapi") ? new ProviderCultureResult("zh-CN") : null)),
                new CookieRequestCultureProvider(), new AcceptLanguageHeaderRequestCultureProvider(),
            ];
        });
        app.UseExceptionHandler();
        app.UseMiddleware<SafeRequests>();
        // MapStaticAssets knows what was there when the host was built.
        foreach (var plugin in plugins.Found.Where(p => p.Runs && Directory.Exists(Path.Combine(p.Folder, "wwwroot"))))
            app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Path.GetFullPath(Path.Combine(plugin.Folder, "wwwroot"))), RequestPath = $"/_content/{plugin.Id}" });
        app.UseMiddleware<ApiAnswers>();
        app.UseAuthentication();
        app.UseMiddleware<ApiDoor>();
        app.UseMiddleware<PublicDoor>();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        // Alive: the process answers. Ready: it can work.
        app.MapHealthChecks("/health", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/ready").AllowAnonymous();
        app.MapOpenApi("/openapi/{documentName}.json").RequireAuthorization();
        app.MapApiPages(catalog);
        app.MapModules(catalog, plugins);
        JobSetup.Map(app);
        app.MapSignIn();
        app.MapSeeAs();
        app.MapOptOut();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode()
            .AddAdditionalAssemblies([typeof(ServiceRegistration).Assembly, .. catalog.Modules.Select(m => m.Assembly)]).RequireAuthorization();
        return app;
    }

    private static Engine Engine(IConfiguration settings, ModuleCatalog catalog, string data) => Engine(settings["Engine"] ?? "sqlite", settings, catalog, data);

    internal static Engine Engine(string kind, IConfiguration settings, ModuleCatalog catalog, string data) => kind.ToLowerInvariant() switch
    {
        "sqlite" => new SqliteEngine(settings["File"] ?? Path.Combine(data, "kuaipu.db"), Startup.Schemas(catalog)),
        "postgres" => new PostgresEngine(Connection(settings)),
        "sqlserver" => new SqlServerEngine(Connection(settings)),
        var other => throw new InvalidOperationException($"不支持数据库“{other}”。Engine 只能是 sqlite、postgres 或 sqlserver。"),
    };

    private static string Connection(IConfiguration settings) => settings["Connection"] ?? throw new InvalidOperationException("请用 Connection 给出数据库连接字符串。");
}
