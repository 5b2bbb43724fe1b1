using System.Reflection;
using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Tests.Architecture;

/// <summary>What a module may not do; each rule lists what breaks it, so that it can be shown to bite (<see cref="TheRulesBite"/>).</summary>
internal static class Rules
{
    private static readonly string[] Allowed = ["KuaipuCrm.Sdk", "KuaipuCrm.Published", "KuaipuCrm.Web", "MediatR", "FluentMigrator", "FluentMigrator.Abstractions", "Scriban", "netstandard"];
    private static readonly string[] OwnData = ["Dapper", "Npgsql", "System.Data.Common", "Autofac", "Microsoft.Data.Sqlite", "Microsoft.Data.SqlClient"];
    private static readonly string[] Clocks =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.TimeProvider.get_System", "System.Random.get_Shared",
    ];

    /// <summary>Arrows: a module sees the SDK, the published language, the shared components and the framework.</summary>
    public static IEnumerable<string> ForeignReferences(CompiledFile f) => f.References.Where(r =>
        !Allowed.Contains(r) && !r.StartsWith("System.", StringComparison.Ordinal) && !r.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
        && !r.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && r is not ("Microsoft.JSInterop" or "System"));

    /// <summary>No connection, no container, no queue of its own; the web only through declared endpoints.</summary>
    public static IEnumerable<string> OwnWays(CompiledFile f) =>
        f.References.Where(r => OwnData.Contains(r) || r.StartsWith("Hangfire", StringComparison.Ordinal)).Concat(f.Types.Where(t => t == "Microsoft.AspNetCore.Http.HttpContext"));

    /// <summary>Statements and tables of another module's schema or the platform's.</summary>
    public static IEnumerable<string> ForeignTables(CompiledFile f, IEnumerable<string> schemas)
    {
        var others = string.Join('|', schemas.Append("platform").Where(s => s != f.Id));
        var named = new Regex($@"\b(from|join|into|update|table)\s+({others})[._][a-z]|^({others})\.[a-z_]+$", RegexOptions.IgnoreCase);
        return f.Literals.Where(l => named.IsMatch(l));
    }

    /// <summary>Events go through the outbox, in the transaction; the mediator alone would lose them.</summary>
    public static IEnumerable<string> StraightPublishing(CompiledFile f) => f.Members.Where(m => m is "MediatR.IMediator.Publish" or "MediatR.IPublisher.Publish" or "MediatR.Mediator.Publish");

    /// <summary>Time comes from the clock that tests can set.</summary>
    public static IEnumerable<string> OwnClocks(CompiledFile f) => f.Members.Where(Clocks.Contains);

    /// <summary>Actions, menus and tabs whose permission nobody can be given.</summary>
    public static IEnumerable<string> UndeclaredPermissions(Assembly module, ModuleDefinition definition, IReadOnlyDictionary<string, string> declared) =>
        module.GetTypes().Select(t => t.GetCustomAttribute<ActionAttribute>()).OfType<ActionAttribute>().Select(a => a.Permission)
            .Concat(definition.Menu.Select(m => m.Permission)).Concat(definition.Components.Select(c => c.Permission)).Concat(definition.Cards.Select(c => c.Permission))
            .Where(p => p.Length > 0 && !declared.ContainsKey(p));

    /// <summary>Commands and queries that are not carried out by exactly one handler, or by one that others could call past the pipeline.</summary>
    public static IEnumerable<string> BadHandlers(Assembly module)
    {
        var handlers = (from t in module.GetTypes()
                        where t is { IsClass: true, IsAbstract: false }
                        from i in t.GetInterfaces()
                        where i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(ICommandHandler<,>) || i.GetGenericTypeDefinition() == typeof(IQueryHandler<,>))
                        select (Handler: t, Request: i.GetGenericArguments()[0])).ToList();
        var requests = module.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.GetInterfaces().Any(i => i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(ICommand<>) || i.GetGenericTypeDefinition() == typeof(IQuery<>))));
        return requests.Where(r => handlers.Count(h => h.Request == r) != 1).Select(r => $"{r.Name} has {handlers.Count(h => h.Request == r)} handlers")
            .Concat(handlers.Where(h => h.Handler.IsVisible).Select(h => $"{h.Handler.Name} is public"));
    }

    /// <summary>What a published record holds besides plain values, and what is published besides records.</summary>
    public static IEnumerable<string> NotPlain(IEnumerable<Type> published) =>
        from t in published
        where t is { IsEnum: false, IsInterface: false }
        from wrong in t.GetMethod("<Clone>$") is null ? [$"{t.Name} is no record"] : t.GetProperties().Where(p => !Plain(p.PropertyType)).Select(p => $"{t.Name}.{p.Name} is {p.PropertyType.Name}")
        select wrong;

    /// <summary>Everything declared in all modules, with its label.</summary>
    public static ModuleCatalog Catalog() => ModuleCatalog.Find(AppContext.BaseDirectory);

    private static bool Plain(Type t) =>
        t.IsPrimitive || t.IsEnum || t == typeof(string) || t == typeof(decimal) || t == typeof(DateTime) || t == typeof(DateTimeOffset) || t == typeof(DateOnly)
        || Nullable.GetUnderlyingType(t) is { } inner && Plain(inner)
        || t.IsGenericType && t.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && Plain(t.GetGenericArguments()[0])
        || t.Namespace?.StartsWith("KuaipuCrm.Published", StringComparison.Ordinal) == true;
}
