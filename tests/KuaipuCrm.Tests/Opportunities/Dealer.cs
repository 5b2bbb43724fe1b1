using System.Text.Json;
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
        .. from type in new[] { "opportunities", "advances", "lines", "stakeholders", "competitions", "requirements" } from right in new[] { "read", "create", "update", "delete", "export" } select $"opportunities.{type}.{right}",
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
}
