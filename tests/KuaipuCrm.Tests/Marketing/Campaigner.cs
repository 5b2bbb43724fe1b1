using System.Text.Json;
using KuaipuCrm.Tests.Opportunities;
using KuaipuCrm.Tests.Running;

namespace KuaipuCrm.Tests.Marketing;

/// <summary>What someone does who runs market campaigns.</summary>
internal static class Campaigner
{
    public const string All = "/api/marketing/campaigns", TargetRows = "/api/marketing/targets", BudgetRows = "/api/marketing/budgets", ProductRows = "/api/marketing/products", LeadRows = "/api/leads/leads";

    /// <summary>All that the role needs to work with campaigns and what comes of them.</summary>
    public static readonly string[] Rights =
    [
        .. Dealer.Rights,
        .. from type in new[] { "campaigns", "targets", "budgets", "products" } from right in new[] { "read", "create", "update", "delete", "export" } select $"marketing.{type}.{right}",
        .. from right in new[] { "read", "create", "update", "delete" } select $"leads.leads.{right}",
    ];

    /// <summary>A new campaign, running unless told otherwise.</summary>
    public static async Task<long> Campaign(this Employee who, bool running = true, object? more = null)
    {
        var values = new Dictionary<string, object?> { ["name"] = Crm.Name("活动") };
        foreach (var p in more?.GetType().GetProperties() ?? []) values[p.Name] = p.GetValue(more);
        var id = await who.Create(All, values);
        if (running) (await who.Post($"{All}/{id}/start", new { })).Ok();
        return id;
    }

    public static async Task<JsonElement> Campaign(this Employee who, long id) => (await who.Get($"{All}/{id}")).Ok().Json;

    public static async Task<long> Version(this Employee who, long id) => (await who.Campaign(id)).GetProperty("version").GetInt64();
}
