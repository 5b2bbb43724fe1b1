using System.Globalization;
using System.Reflection;
using System.Text.Json;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Security;
using KuaipuCrm.Sdk;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace KuaipuCrm.Platform.Api;

/// <summary>Maps every module's documents, commands and queries; screen and API send the same messages.</summary>
public static class ApiMap
{
    public static void MapModules(this IEndpointRouteBuilder app, ModuleCatalog catalog, Plugins.Plugins plugins)
    {
        var platform = app.MapGroup("/api/platform").RequireAuthorization().WithTags("平台").WithGroupName("platform");
        FileEndpoints.MapOperations(platform);
        FileEndpoints.MapLog(platform);
        Actions(platform, typeof(IModule).Assembly.GetTypes());
        foreach (var module in catalog.Modules)
        {
            var group = app.MapGroup($"/api/{module.Id}").RequireAuthorization().WithTags(module.Name).WithGroupName(module.Id);
            foreach (var map in module.Definition.Endpoints)
                try
                {
                    map(group);
                }
                catch (Exception e) when (plugins.Of(module.Assembly) is { } plugin)
                {
                    plugins.Impair(plugin, "部分接口未能建立", e);
                }
            foreach (var d in module.Documents)
            {
                FileEndpoints.Map(group, d);
                DocumentEndpoints.Map(group, d);
                CollaborationEndpoints.Map(group, d);
                PrintEndpoints.Map(group, d);
            }
            Actions(group, module.Assembly.GetTypes());
            if (module.Definition.PublicPages.Count == 0) continue;
            var open = app.MapGroup($"{PublicDoor.Path}/{module.Id}").AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
            foreach (var map in module.Definition.PublicPages)
                try
                {
                    map(open);
                }
                catch (Exception e) when (plugins.Of(module.Assembly) is { } plugin)
                {
                    plugins.Impair(plugin, "部分公开页面未能建立", e);
                }
        }
    }

    private static void Actions(RouteGroupBuilder group, IEnumerable<Type> types)
    {
        foreach (var type in types)
        {
            if (type.GetCustomAttribute<ActionAttribute>() is not { Route: { } route } action) continue;
            var message = type.GetInterfaces().Single(i => i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(IQuery<>) || i.GetGenericTypeDefinition() == typeof(ICommand<>)));
            typeof(ApiMap).GetMethod(message.GetGenericTypeDefinition() == typeof(IQuery<>) ? nameof(MapQuery) : nameof(MapCommand), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type, message.GetGenericArguments()[0]).Invoke(null, [group, action, route]);
        }
    }

    private static void MapQuery<TQuery, TResult>(RouteGroupBuilder group, ActionAttribute action, string route) where TQuery : IQuery<TResult> =>
        group.Get(route, ([AsParameters] TQuery query, IMediator mediator, CancellationToken ct) => Json(mediator.Send(query, ct)))
            .WithName(typeof(TQuery).Name).WithMetadata(new MessageOperation(typeof(TQuery), action)).Produces<TResult>();

    private static void MapCommand<TCommand, TResult>(RouteGroupBuilder group, ActionAttribute action, string route) where TCommand : ICommand<TResult> =>
        group.Post(route, async (HttpContext http, Caller me, ModuleCatalog catalog, IMediator mediator, CancellationToken ct) =>
        {
            // Who may not, is not told first what the body lacks; the pipeline asks again.
            if (action.Permission.Length > 0 && !typeof(INeedsPermission).IsAssignableFrom(typeof(TCommand)) && !me.May(action.Permission)) throw new NotAllowed(catalog.Permissions.GetValueOrDefault(action.Permission, action.Label));
            if (me.Token is { } token && action.Permission.Length == 0) Within(token, typeof(IOnDocuments).IsAssignableFrom(typeof(TCommand)), http.Request.RouteValues["type"] as string, catalog);
            return await Json(mediator.Send(await Read<TCommand>(http, ct), ct));
        })
            .WithName(typeof(TCommand).Name).WithMetadata(new MessageOperation(typeof(TCommand), action)).Accepts<TCommand>("application/json").Produces<TResult>();

    /// <summary>The least a token must cover for a command without a permission of its own, as far as the address tells.</summary>
    private static void Within(Security.Tokens.Token token, bool onDocuments, string? type, ModuleCatalog catalog)
    {
        var d = type is null ? null : catalog.FindDocument(type);
        var scope = !onDocuments ? Security.Tokens.Token.Platform : d is null ? null : $"{d.Module}.{d.Plural}";
        if (scope is not null && !(onDocuments ? token.Touches(scope) : token.Allows(scope))) throw new BeyondToken($"这个令牌的范围不包含 {scope}。");
    }

    /// <summary>A text is JSON too, and so is nothing.</summary>
    private static async Task<IResult> Json<T>(Task<T> result) => await result is { } value ? TypedResults.Json(value) : TypedResults.Text("null", "application/json");

    /// <summary>The body, with the values of the path put over it: what the path names is what is changed.</summary>
    private static async Task<T> Read<T>(HttpContext http, CancellationToken ct)
    {
        try
        {
            var body = http.Request.ContentLength is 0 or null && !http.Request.Headers.TransferEncoding.Any() ? []
                : await JsonSerializer.DeserializeAsync<Dictionary<string, JsonElement>>(http.Request.Body, JsonSerializerOptions.Web, ct) ?? [];
            if (body.FirstOrDefault(p => p.Value.ValueKind == JsonValueKind.Array && p.Value.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.Null)) is { Key: { } holed }) throw new Invalid(holed, "列表含有空项。");
            foreach (var (key, value) in http.Request.RouteValues)
            {
                foreach (var same in body.Keys.Where(k => k.Equals(key, StringComparison.OrdinalIgnoreCase)).ToList()) body.Remove(same);
                body[key] = JsonSerializer.SerializeToElement(long.TryParse(value?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : (object?)value);
            }
            return JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(body), Bodies.Options) ?? throw new Invalid("", "请求内容为空。");
        }
        catch (JsonException e)
        {
            throw new Invalid(e.Path?.TrimStart('$', '.') ?? "", "请求内容不是有效的 JSON，或缺少必填的值。");
        }
    }
}
