using System.Text.Json;
using KuaipuCrm.Tests.Running;

namespace KuaipuCrm.Tests.Tracking;

/// <summary>What someone does who works with customers and writes it down.</summary>
internal static class Seller
{
    public const string Records = "/api/tracking/records", Appointments = "/api/tracking/appointments", Tracks = "/api/tracking/customers", Contacts = "/api/tracking/contacts";

    /// <summary>All that the role needs to work with customers, contacts and what is written about them.</summary>
    public static readonly string[] Rights =
    [
        .. Employee.Sales,
        .. from type in new[] { "records", "appointments" } from right in new[] { "read", "create", "update", "delete", "export" } select $"tracking.{type}.{right}",
        "tracking.customers.read", "tracking.customers.export", "tracking.contacts.read",
    ];

    /// <summary>Writes a contact record; warnings are confirmed unless told otherwise.</summary>
    public static async Task<long> Contacted(this Employee who, long customer, long? contact = null, DateTime? at = null, DateTime? next = null, string method = "call", bool confirm = true) =>
        (await who.Write(customer, contact, at, next, method, confirm)).Ok().Json.GetProperty("id").GetInt64();

    public static Task<Answer> Write(this Employee who, long customer, long? contact = null, DateTime? at = null, DateTime? next = null, string method = "call", bool confirm = false) =>
        who.Post(Records, new Dictionary<string, object?>
        {
            ["customerId"] = customer,
            ["contactId"] = contact,
            ["at"] = at,
            ["nextAt"] = next,
            ["method"] = method,
            ["content"] = "谈了需求\n下次报价",
            ["confirmed"] = confirm ? new[] { "appointment" } : [],
        }.Where(v => v.Value is not null).ToDictionary());

    /// <summary>Makes it one of the owner's key customers.</summary>
    public static async Task<long> Key(this Employee who, long customer)
    {
        (await who.Post("/api/customers/customers/key", new { ids = new[] { customer } })).Ok();
        return customer;
    }

    /// <summary>The customer's figures as the user sees them.</summary>
    public static async Task<JsonElement> Track(this Employee who, long customer) => (await who.Get($"{Tracks}/{customer}")).Ok().Json;

    public static async Task<List<JsonElement>> Rows(this Employee who, string url) => [.. (await who.Get(url)).Ok().Json.GetProperty("items").EnumerateArray()];

    /// <summary>The customer's appointments that are open, whoever sees them.</summary>
    public static async Task<List<JsonElement>> Open(this Employee who, long customer) => await who.Rows($"{Appointments}?customerId={customer}&state=open&columns=at,contactId,ownerId,subject");
}
