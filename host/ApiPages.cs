using KuaipuCrm.Platform.Modules;
using Scalar.AspNetCore;

namespace KuaipuCrm.Host;

/// <summary>The API to read and to try, in the browser: everything is served from here, for who is signed in (API-1).</summary>
internal static class ApiPages
{
    public static void MapApiPages(this IEndpointRouteBuilder app, ModuleCatalog catalog) => app.MapScalarApiReference("/api-docs", (o, http) =>
    {
        // They would send the description to the maker of the page.
        o.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        o.WithTitle("KuaipuCrm API").WithOpenApiRoutePattern("/openapi/{documentName}.json").DisableDefaultFonts().DisableTelemetry().DisableAgent();
        foreach (var module in catalog.Modules.Where(m => m.Documents.Count > 0)) o.AddDocument(module.Id, module.Name);
        o.AddDocument("platform", "平台");
        // Its page begins with a script of its own: only that one runs besides our files.
        var nonce = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        o.WithNonce(nonce);
        http.Response.Headers.ContentSecurityPolicy = $"{http.Response.Headers.ContentSecurityPolicy}; script-src 'self' 'nonce-{nonce}'";
    }).RequireAuthorization();
}
