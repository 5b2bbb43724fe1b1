using System.Globalization;
using System.Text;
using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Events;
using KuaipuCrm.Tests.Running;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>What someone does who works on opportunities.</summary>
internal static class Dealer
{
    public const string All = "/api/opportunities/opportunities", Advances = "/api/opportunities/advances", Lines = "/api/opportunities/lines", Stages = "/api/opportunities/stages";

    /// <summary>All that the role needs to work with customers and opportunities.</summary>
    public static readonly string[] Rights =
    [
        .. Employee.Sales, "opportunities.stages.read", "settings.products.read",
        .. from type in new[] { "opportunities", "advances", "lines", "stakeholders", "competitions", "requirements", "registrations" } from right in new[] { "read", "create", "update", "delete", "export" } select $"opportunities.{type}.{right}",
    ];

    /// <summary>The stages of a type in their order: id by name.</summary>
    public static async Task<List<(long Id, string Name)>> StagesOf(this Employee who, string kind = "ordinary") =>
        [.. (await who.Get($"{Stages}?kind={kind}&sort=sort&columns=name&disabled=false")).Ok().Json.GetProperty("items").EnumerateArray().Select(i => (i.GetProperty("id").GetInt64(), i.GetProperty("name").GetString()!))];

    /// <summary>A new opportunity with a customer of its own.</summary>
    public static async Task<long> Deal(this Employee who, decimal? amount = null, string? sign = null, string kind = "ordinary", long? customer = null, bool running = true)
    {
        customer ??= await who.Customer(Crm.Name("商机客户"));
        var id = await who.Create(All, new { name = Crm.Name("商机"), customerId = customer, amount, signDate = sign, kind });
        if (running) (await who.Post($"{All}/{id}/start", new { })).Ok();
        return id;
    }

    public static Task<Answer> Advance(this Employee who, long deal, long stage, string? progress = null) => who.Post($"{All}/{deal}/advance", new { stageId = stage, progress });

    public static async Task<JsonElement> Deal(this Employee who, long id) => (await who.Get($"{All}/{id}")).Ok().Json;

    public static string Text(this JsonElement row, string field) => row.GetProperty(field).ToString();

    /// <summary>Imports a sheet as the import page would, each column by its heading.</summary>
    public static Task<JsonElement> Import(this Employee who, string list, ImportMode mode, string header, params string[] rows) =>
        who.Import(list, Encoding.UTF8.GetBytes("\uFEFF" + string.Join("\r\n", rows.Prepend(header))), mode);

    /// <param name="key">The field by which rows that are there are found and changed.</param>
    public static async Task<JsonElement> Import(this Employee who, string list, byte[] sheet, ImportMode mode, string? key = null)
    {
        var file = (await who.Send(HttpMethod.Post, $"{list}/import/files?name=test", new ByteArrayContent(sheet))).Ok().Json.GetProperty("file").GetString();
        var columns = (await who.Get($"{list}/import/files/{file}")).Ok().Json.GetProperty("columns").EnumerateArray().Where(c => c.GetProperty("target").GetString() is not null)
            .ToDictionary(c => c.GetProperty("index").GetInt32().ToString(CultureInfo.InvariantCulture), c => c.GetProperty("target").GetString()!);
        var operation = (await who.Post($"{list}/import", new { file, sheet = 0, columns, updateKey = key, mode = (int)mode })).Ok().Json.GetInt64();
        JsonElement report = default;
        await Delivering.Until(async () => (report = (await who.Get($"{list}/import/{operation}")).Ok().Json).GetProperty("operation").GetProperty("state").GetString() is not ("waiting" or "running"), 60);
        return report;
    }

    /// <summary>What an import says of its rows: line, column and code of each fault.</summary>
    public static List<(int Line, string? Column, string Code)> Faults(this JsonElement report) =>
        [.. report.GetProperty("findings").EnumerateArray().Select(f => (f.GetProperty("line").GetInt32(), f.GetProperty("column").GetString(), f.GetProperty("code").GetString()!)).Order()];

    public static long Operation(this JsonElement report) => report.GetProperty("operation").GetProperty("id").GetInt64();
}
