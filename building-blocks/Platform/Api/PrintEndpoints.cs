using KuaipuCrm.Platform.Printing;
using KuaipuCrm.Sdk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace KuaipuCrm.Platform.Api;

/// <summary>Pages to be printed of every document and every list (UI-14).</summary>
internal static class PrintEndpoints
{
    public const string Html = "text/html";

    public static void Map(RouteGroupBuilder group, DocumentDefinition d)
    {
        if (d.FiguresOf is null) group.Get($"/{d.Plural}/{{id:long}}/print", async (long id, [FromQuery] string? tabs, [FromQuery] long? template, Printer printer, CancellationToken ct) =>
            Page(template is { } form ? await printer.Form(d, id, form, ct) : await printer.Document(d, id, (tabs ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), ct))).Is(d, DocumentVerb.Print);
        group.Get($"/{d.Plural}/print", async (HttpRequest http, [FromQuery] string? request, Printer printer, CancellationToken ct) =>
            Page(await printer.List(d, request is { Length: > 0 } json ? FileEndpoints.Parse(json) : DocumentEndpoints.Request(d, new QueryCollection(http.Query.Where(q => q.Key is not ("request" or "now")).ToDictionary())), ct))).Is(d, DocumentVerb.PrintList);
    }

    private static IResult Page(string html) => Results.Content(html, Html + "; charset=utf-8");
}
