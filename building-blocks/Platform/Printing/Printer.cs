using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using MediatR;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Platform.Printing;

/// <summary>Makes pages to be printed (UI-14) of documents and lists: what the user may see, as the screen shows it, every text encoded.</summary>
internal sealed partial class Printer(IMediator mediator, ModuleCatalog catalog, Formatter formatter, Caches caches, ICurrentUser me, Operations operations, Data.Db db, TimeProvider clock)
{
    /// <summary>Rows of a list on paper; more are exported.</summary>
    public const int MostRows = 2_000;

    private const int MostTied = 500;

    /// <summary>A document with all its sections, and the tied lists chosen by their tabs' names.</summary>
    public async Task<string> Document(DocumentDefinition d, long id, IReadOnlyList<string> tabs, CancellationToken ct)
    {
        var view = await mediator.Send(new GetDocument(d.Type, id), ct);
        var html = new StringBuilder(16_384);
        Begin(html, $"{d.Label} {view.Title}", view.Title, $"{d.Label} {view.Values.GetValueOrDefault("number")}");
        foreach (var section in d.Fields.Where(f => !f.Hidden && f.Name != "number").GroupBy(f => f.Section))
        {
            html.Append("<section><h2>").Append(Text(section.Key)).Append("</h2><dl>");
            foreach (var f in section.Where(f => f.VisibleWhen is null || f.VisibleWhen(view.Values)))
                if (formatter.Text(f, view.Values.GetValueOrDefault(f.Name), view.Names) is { Length: > 0 } text)
                    html.Append(f.Wide || text.Length > 40 ? "<div class=\"wide\"><dt>" : "<div><dt>").Append(Text(f.Label)).Append("</dt><dd>").Append(Text(text)).Append("</dd></div>");
            html.Append("</dl></section>");
        }
        foreach (var name in tabs.Distinct())
        {
            var tab = catalog.TabsOn(d.Type).FirstOrDefault(t => t.Name == name) ?? throw new Invalid("tabs", $"{d.Label}没有名为“{(name.Length > 40 ? name[..40] : name)}”的关联页签。");
            var other = catalog.Document(tab.Type);
            var page = await mediator.Send(new ListDocuments(other.Type, new ListRequest { TiedTo = id, TiedBy = tab.Name, Take = MostTied }), ct);
            html.Append("<section><h2>").Append(Text(tab.Text)).Append(" <small>").Append(Text(L($"{page.Rows.Count}{(page.Next is null ? "" : "+")} 条"))).Append("</small></h2>");
            Table(html, other, page.Columns, [(page.Rows, page.Names)]);
            html.Append("</section>");
        }
        return End(html);
    }

    /// <summary>A document filled into a template of the kind print (套打): for pre-printed forms it begins with the paper, <c>@page 241mm 140mm margin 0mm</c>, and its parts stand at
    /// <c>style="left:20mm; top:35mm"</c>.</summary>
    public async Task<string> Form(DocumentDefinition d, long id, long template, CancellationToken ct)
    {
        if ((await mediator.Send(new ChooseTemplates(d.Type, TemplateKind.Print), ct)).All(t => t.Id != template)) throw new NotFound("打印模板");
        var filled = await mediator.Send(new FillTemplate(d.Type, id, template), ct);
        if (filled.Error is { } wrong) throw new Invalid("template", wrong);
        var body = filled.Body;
        var html = new StringBuilder(body.Length + 1_024);
        html.Append("<!doctype html><html lang=\"" + Language + "\"><head><meta charset=\"utf-8\"><title>").Append(Text(d.Label)).Append("</title><link rel=\"stylesheet\" href=\"/_content/KuaipuCrm.Web/paper.css\">");
        if (Paper().Match(body) is { Success: true } paper)
        {
            var (width, height, margin) = (paper.Groups[1].Value, paper.Groups[2].Value, paper.Groups[3].Success ? paper.Groups[3].Value.Trim() : "0mm");
            // Numbers and millimetres only: nothing else of the template gets in here.
            html.Append($"<style>@page {{ size: {width}mm {height}mm; margin: {margin}; }} .form {{ width: {width}mm; min-height: {height}mm; }}</style>");
            body = body[paper.Length..];
        }
        // The text was encoded and the whole sanitized when it was filled in.
        return html.Append("<script type=\"module\" src=\"/_content/KuaipuCrm.Web/paper.js\"></script></head><body class=\"on-form\"><div class=\"screen\"><button type=\"button\" id=\"print\">").Append(Text(L("打印"))).Append("</button></div><div class=\"form\">")
            .Append(body).Append("</div></body></html>").ToString();
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"^\s*@page\s+(\d{1,4}(?:\.\d{1,2})?)mm\s+(\d{1,4}(?:\.\d{1,2})?)mm(?:\s+margin((?:\s+\d{1,3}(?:\.\d{1,2})?mm){1,4}))?\s*(?:<br\s*/?>)?")]
    private static partial System.Text.RegularExpressions.Regex Paper();

    /// <summary>What a list's filter shows, all pages of it; noted like an export, as it leaves the house the same.</summary>
    public async Task<string> List(DocumentDefinition d, ListRequest request, CancellationToken ct)
    {
        if (!me.May(d.Permission(DocumentRight.Read))) throw new NotAllowed($"{d.Label}：查看");
        if (!me.May(d.Permission(DocumentRight.Export))) throw new NotAllowed($"{d.Label}：导出");
        var pages = new List<(IReadOnlyList<ListRow> Rows, IReadOnlyDictionary<long, string> Names)>();
        IReadOnlyList<string> columns = [];
        var more = false;
        for (string? cursor = null; ;)
        {
            var page = await mediator.Send(new ListDocuments(d.Type, request with { Take = 500, Cursor = cursor, Page = null }), ct);
            columns = page.Columns;
            pages.Add((page.Rows, page.Names));
            cursor = page.Next;
            more = cursor is not null && pages.Sum(p => p.Rows.Count) >= MostRows;
            if (cursor is null || more) break;
        }
        var count = pages.Sum(p => p.Rows.Count);
        await Note(d, count, ct);
        var html = new StringBuilder(65_536);
        Begin(html, d.Labels, d.Labels, more ? L($"前 {MostRows:N0} 条，其余请缩小范围或导出") : L($"共 {count:N0} 条"));
        Table(html, d, columns, pages);
        return End(html);
    }

    private void Table(StringBuilder html, DocumentDefinition d, IReadOnlyList<string> columns, IReadOnlyList<(IReadOnlyList<ListRow> Rows, IReadOnlyDictionary<long, string> Names)> pages)
    {
        var fields = columns.Select(d.Field).ToList();
        html.Append("<table><thead><tr>");
        foreach (var f in fields) html.Append(Number(f) ? "<th class=\"num\">" : "<th>").Append(Text(f.Label)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var (rows, names) in pages)
            foreach (var row in rows)
            {
                html.Append("<tr>");
                for (var i = 0; i < fields.Count; i++) html.Append(Number(fields[i]) ? "<td class=\"num\">" : "<td>").Append(Text(formatter.Text(fields[i], row.Values[i], names) ?? "")).Append("</td>");
                html.Append("</tr>");
            }
        html.Append("</tbody></table>");
    }

    private void Begin(StringBuilder html, string title, string heading, string below)
    {
        var company = caches.Company;
        html.Append("<!doctype html><html lang=\"" + Language + "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>").Append(Text(title))
            .Append("</title><link rel=\"stylesheet\" href=\"/_content/KuaipuCrm.Web/paper.css\"><script type=\"module\" src=\"/_content/KuaipuCrm.Web/paper.js\"></script></head><body><div class=\"screen\"><button type=\"button\" id=\"print\">").Append(Text(L("打印"))).Append("</button></div><header>");
        // A data URL, checked when it was saved and encoded here.
        if (company.Logo is { Length: > 0 } logo) html.Append("<img alt=\"\" src=\"").Append(Text(logo)).Append("\">");
        html.Append("<div class=\"company\">").Append(Text(company.Name)).Append(Reached(company)).Append("</div></header><h1>").Append(Text(heading)).Append("</h1><p class=\"below\">").Append(Text(below)).Append("</p>");
    }

    private static string Reached(CompanyData company) => string.Join(" · ", new[] { company.Address, company.Phone, company.CreditCode is { Length: > 0 } code ? L($"信用代码 {code}") : null }.Where(t => !string.IsNullOrWhiteSpace(t))) is { Length: > 0 } text ? $"<div class=\"below\">{Text(text)}</div>" : "";

    private string End(StringBuilder html) => html.Append("<footer>").Append(Text(L($"{me.Name} 打印于 {TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, formatter.Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}"))).Append("</footer></body></html>").ToString();

    private Task Note(DocumentDefinition d, int count, CancellationToken ct) => db.Unit(async () =>
    {
        var id = await operations.Begin("export", $"打印{d.Label}列表", d.Type, count, "done", ct);
        await operations.End(id, "done", count, 0, Operations.Eyes(me), [], ct);
        return 0;
    }, ct);

    private static string Language => Chinese ? "zh-CN" : "en";

    private static bool Number(FieldDefinition f) => f.Kind is FieldKind.Number or FieldKind.Money or FieldKind.Quantity;

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
