using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KuaipuCrm.Platform.Api;

/// <summary>Maps endpoints whose code is made when they are first called. <c>MapGet</c> and its like compile an expression for each endpoint before the first request is answered; hundreds of endpoints cost seconds at each start.</summary>
internal static class OnDemand
{
    public static RouteHandlerBuilder Get(this RouteGroupBuilder group, string route, Delegate handler) => Map(group, HttpMethods.Get, route, handler);
    public static RouteHandlerBuilder Post(this RouteGroupBuilder group, string route, Delegate handler) => Map(group, HttpMethods.Post, route, handler);
    public static RouteHandlerBuilder Patch(this RouteGroupBuilder group, string route, Delegate handler) => Map(group, HttpMethods.Patch, route, handler);
    public static RouteHandlerBuilder Delete(this RouteGroupBuilder group, string route, Delegate handler) => Map(group, HttpMethods.Delete, route, handler);

    /// <summary>What has been found out about a method at a route with these parameters: every document type is served by the same few methods.</summary>
    private static readonly ConcurrentDictionary<(MethodInfo Method, string Parameters, bool NoBody), object[]> Found = new();

    private static RouteHandlerBuilder Map(RouteGroupBuilder group, string method, string route, Delegate handler)
    {
        Lazy<RequestDelegate>? made = null;
        var endpoint = group.MapMethods(route, [method], http => made!.Value(http));
        endpoint.Add(builder =>
        {
            // What the framework finds out about a handler, found out in the same order; only the compiling waits.
            builder.Metadata.Add(handler.Method);
            var names = ((RouteEndpointBuilder)builder).RoutePattern.Parameters.Select(p => p.Name).ToList();
            var options = new RequestDelegateFactoryOptions
            {
                ServiceProvider = builder.ApplicationServices,
                RouteParameterNames = names,
                ThrowOnBadRequest = builder.ApplicationServices.GetRequiredService<IOptions<RouteHandlerOptions>>().Value.ThrowOnBadRequest,
                DisableInferBodyFromParameters = method == HttpMethods.Get || method == HttpMethods.Delete,
                EndpointBuilder = builder,
            };
            var key = (handler.Method, string.Join('/', names), options.DisableInferBodyFromParameters);
            if (Found.TryGetValue(key, out var found))
            {
                foreach (var one in found) builder.Metadata.Add(one);
                made = new(() => RequestDelegateFactory.Create(handler, options).RequestDelegate);
                return;
            }
            var before = builder.Metadata.Count;
            var known = RequestDelegateFactory.InferMetadata(handler.Method, options);
            Found[key] = [.. builder.Metadata.Skip(before)];
            made = new(() => RequestDelegateFactory.Create(handler, options, known).RequestDelegate);
        });
        return new([endpoint]);
    }
}
