using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Tests.Api;

/// <summary>What the walk over the API works on: new rows for each operation, so that nothing it does hurts what comes after.</summary>
internal sealed class Things(Crm crm)
{
    private readonly Dictionary<string, string> made = [];

    /// <summary>Who walks: what people make for themselves is theirs.</summary>
    public Employee Who { get; set; } = crm.Admin;

    public static HttpContent File() => new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes($"名称,客户名称,姓名,登录名,部门\n甲,{Crm.Name("甲")},甲,{Crm.Name("u")},总部\n")) { Headers = { ContentType = new("application/octet-stream") } };

    /// <summary>The operation's address with ids of rows that exist.</summary>
    /// <param name="fresh">With new ones; the ones of before otherwise.</param>
    public async Task<string> Url(ApiDocument.Operation o, bool fresh = true)
    {
        if (!fresh && made.TryGetValue(o.ToString(), out var before)) return before;
        var url = o.Path;
        foreach (var name in Regex.Matches(o.Path, @"\{(\w+)\}").Select(m => m.Groups[1].Value)) url = url.Replace($"{{{name}}}", await Value(o, name), StringComparison.Ordinal);
        return made[o.ToString()] = url;
    }

    /// <summary>Query parameters without which nothing is answered.</summary>
    public string Query(ApiDocument.Operation o) => o.Path switch
    {
        _ when o.Path.EndsWith("/import/files", StringComparison.Ordinal) => "?name=x.csv",
        "/api/platform/log" or "/api/platform/log/export" => "?kind=signin",
        "/api/platform/search" => "?text=甲",
        "/api/customers/customers/duplicates" => "?name=甲",
        _ => "",
    };

    /// <summary>The example with what must be of this company and not taken yet.</summary>
    public JsonNode Fill(ApiDocument.Operation o, JsonNode example)
    {
        if (example is not JsonObject body) return example;
        var plural = o.Path.Split('/') is [_, _, _, var p, ..] ? p : "";
        foreach (var row in body["rows"] is JsonArray rows ? rows.OfType<JsonObject>().Append(body) : [body])
            foreach (var name in new[] { "name", "login", "code", "email" })
                if (row.ContainsKey(name) && o.Id is not ("ConfirmTotp" or "SaveEntry")) row[name] = name == "email" ? "a@example.com" : Crm.Name(name == "login" ? "u" : "例");
        foreach (var row in new[] { body, body["values"] as JsonObject, body["rows"]?[0] as JsonObject }.OfType<JsonObject>())
        {
            if (row.ContainsKey("homeId")) row["homeId"] = crm.HeadDepartment;
            if (row.ContainsKey("customerId")) row["customerId"] = Who.Customer(Crm.Name("客户")).GetAwaiter().GetResult();
            if (row.ContainsKey("opportunityId") && o.Id != "ConvertLead") row["opportunityId"] = Deal().GetAwaiter().GetResult();
            if (row.ContainsKey("campaignId")) row["campaignId"] = Campaign().GetAwaiter().GetResult();
            if (row.ContainsKey("stageId")) row["stageId"] = Stage(1).GetAwaiter().GetResult();
            if (row.ContainsKey("sort") && o.Path.Contains("/stages", StringComparison.Ordinal)) row["sort"] = Interlocked.Increment(ref sorted);
            if (row.ContainsKey("productId")) row["productId"] = crm.Admin.Create("/api/settings/products", new { name = Crm.Name("货品"), retailPrice = 1m }).GetAwaiter().GetResult();
            if (row.ContainsKey("competitorId")) row["competitorId"] = Who.Customer(Crm.Name("对手"), new { customerType = "competitor" }).GetAwaiter().GetResult();
            if (row.ContainsKey("vendorId")) (row["vendorId"], row["contactId"]) = (Who.Customer(Crm.Name("上游"), new { customerType = "supplier" }).GetAwaiter().GetResult(), null);
            else if (row.ContainsKey("contactId") && row.ContainsKey("opportunityId")) row["contactId"] = Who.Contact(Crm.Name("联系人")).GetAwaiter().GetResult();
        }
        if (body.ContainsKey("ids") && System.Text.RegularExpressions.Regex.IsMatch(o.Id, "^(DeleteMany|Restore|Purge|ChangeMany)")) body["ids"] = new JsonArray(JsonValue.Create(New(o.Path.Split('/')[2], plural, deleted: o.Path.EndsWith("/restore", StringComparison.Ordinal) || o.Path.EndsWith("/purge", StringComparison.Ordinal)).GetAwaiter().GetResult()));
        body.Remove("items");
        if (body["values"] is JsonObject given && given.ContainsKey("ownerId")) given["ownerId"] = crm.Admin.Id;
        switch (o.Id)
        {
            case "ShareDocument": body["users"] = new JsonArray(crm.Admin.Id); return body;
            case "SetUserRoles": body["roleIds"] = new JsonArray(); return body;
            case "HandOver": body["heirs"] = new JsonObject { ["customer"] = new JsonArray(crm.Admin.Id) }; return body;
            case "RequestLock": body["ids"] = new JsonArray(JsonValue.Create(Open().GetAwaiter().GetResult())); return body;
            case "ReleaseCustomers" or "ProtectCustomers" or "UnprotectCustomers": body["ids"] = new JsonArray(JsonValue.Create(Who.Customer(Crm.Name("客户")).GetAwaiter().GetResult())); return body;
            case "TransferCustomers":
                body["ids"] = new JsonArray(JsonValue.Create(Who.Customer(Crm.Name("客户")).GetAwaiter().GetResult()));
                body["toId"] = crm.Hire(crm.HeadDepartment, null).GetAwaiter().GetResult().Id;
                return body;
            case "ApproveLocks" or "RejectLocks" or "WithdrawLocks": body["ids"] = new JsonArray(JsonValue.Create(Request(o.Id == "WithdrawLocks").GetAwaiter().GetResult())); return body;
            case "AssignLeads" or "AssignLeadsInTurn":
                body["ids"] = new JsonArray(JsonValue.Create(New("leads", "leads", deleted: false).GetAwaiter().GetResult()));
                if (o.Id == "AssignLeadsInTurn")
                {
                    body["ruleId"] = rule = Who.Create("/api/leads/rules", new { name = Crm.Name("规则"), sort = 1, automatic = false }).GetAwaiter().GetResult();
                    Who.Post($"/api/leads/rules/{rule}/members/{crm.Admin.Id}/add", new { }).GetAwaiter().GetResult().Ok();
                }
                if (o.Id == "AssignLeads") body["toId"] = crm.Hire(crm.HeadDepartment, null).GetAwaiter().GetResult().Id;
                return body;
            case "AddTargets": body["ids"] = new JsonArray(JsonValue.Create(Who.Customer(Crm.Name("客户")).GetAwaiter().GetResult())); return body;
            case "AddAssistant" or "AddCampaigner": body["userId"] = crm.Hire(crm.HeadDepartment, null).GetAwaiter().GetResult().Id; return body;
            case "CreateServiceToken": body["userId"] = crm.Admin.Id; return body;
            case var id when id.StartsWith("StartImport", StringComparison.Ordinal): return new JsonObject { ["file"] = Upload(o).GetAwaiter().GetResult(), ["sheet"] = 0, ["columns"] = o.Path.Contains("/users/", StringComparison.Ordinal) ? new JsonObject { ["0"] = "name", ["3"] = "login", ["4"] = "homeId" } : OfRecords(o) ? new JsonObject { ["0"] = "at", ["1"] = "customerId" } : OfDeals(o) ? new JsonObject(Needed(o).Select((f, i) => KeyValuePair.Create(i.ToString(CultureInfo.InvariantCulture), (JsonNode?)f))) : new JsonObject { ["0"] = Title(o.Path.Split('/')[2], o.Path.Split('/')[3]) }, ["mode"] = "DryRun" };
            default: return body;
        }
    }

    private async Task<string> Value(ApiDocument.Operation o, string name)
    {
        var parts = o.Path.Split('/');
        long id = 0;
        switch (name)
        {
            case "file": return (await Upload(o))!;
            case "type": return "customer";
            case "dictionary": return "industry";
            case "key": return "probe";
            case "recordId":
                await New("tracking", "records", deleted: false);
                id = record;
                break;
            case "leadId": id = lead = await Lead(o); break;
            case "opportunityId": id = deal = await Deal(o.Id); break;
            case "registrationId": id = await New("opportunities", "registrations", deleted: false); break;
            case "productId":
                id = await crm.Admin.Create("/api/settings/products", new { name = Crm.Name("货品"), retailPrice = 1m });
                if (o.Id == "RemoveLeadProduct") (await Who.Post($"/api/leads/leads/{lead}/products/{id}/add", new { })).Ok();
                break;
            case "customerId" when o.Path.StartsWith("/api/leads/", StringComparison.Ordinal):
                id = await Who.Customer(Crm.Name("客户"));
                if (o.Id == "RemoveLeadCustomer") (await Who.Post($"/api/leads/leads/{lead}/customers/{id}/add", new { })).Ok();
                break;
            case "ruleId" when o.Path.StartsWith("/api/leads/", StringComparison.Ordinal): id = rule = await Who.Create("/api/leads/rules", new { name = Crm.Name("规则"), sort = 1 }); break;
            case "campaignId": id = campaign = await Campaign(o.Id); break;
            case "targetId": id = await New("marketing", "targets", deleted: false); break;
            case "userId" when o.Id is "RemoveCampaigner":
                id = (await crm.Hire(crm.HeadDepartment, null)).Id;
                (await Who.Post($"/api/marketing/campaigns/{campaign}/participants", new { userId = id })).Ok();
                break;
            case "userId" when o.Id is "RemoveAssistant" or "AddRuleMember" or "RemoveRuleMember":
                id = (await crm.Hire(crm.HeadDepartment, null)).Id;
                if (o.Id == "RemoveAssistant") (await Who.Post($"/api/opportunities/opportunities/{deal}/assistants", new { userId = id })).Ok();
                if (o.Id == "RemoveRuleMember") (await Who.Post($"/api/leads/rules/{rule}/members/{id}/add", new { })).Ok();
                break;
            case "userId":
                id = (await crm.Hire(crm.HeadDepartment, null)).Id;
                await Who.Customer(Crm.Name("客户"), new { ownerId = id });
                break;
            case "taskId": id = await New("targets", "tasks", deleted: false); break;
            case "personId": id = crm.Admin.Id; break;
            case "id" when o.Path.Contains("/people/", StringComparison.Ordinal): id = crm.Admin.Id; break;
            case "roleId": id = await crm.Role([]); break;
            case "customerId" when o.Id == "RevealContact": id = await Open(); break;
            case "poolId": id = await New("customers", "pools", deleted: false); break;
            case "ruleId": id = (await crm.Admin.Post("/api/customers/release-rules", new { id = 0, version = 0, name = Crm.Name("规则"), enabled = false, sort = 1, @base = "contact", days = 30, noticeDays = 0, conditions = new { } })).Ok().Json.GetInt64(); break;
            case "customerId" or "otherId" or "staysId" or "lostId": id = await Who.Customer(Crm.Name("客户")); break;
            case "contactId" when o.Path.Contains("/participants/", StringComparison.Ordinal):
                id = await Who.Contact(Crm.Name("联系人"), new { employerId = customer });
                if (o.Path.EndsWith("/remove", StringComparison.Ordinal)) (await Who.Post($"/api/tracking/records/{record}/participants/{id}/add", new { })).Ok();
                break;
            case "contactId": id = await Who.Contact(Crm.Name("联系人"), new { employerName = Crm.Name("单位") }); break;
            case "operation":
                id = (await Who.Post(o.Path.Replace("/{operation}", ""), new { file = await Upload(o), sheet = 0, columns = o.Path.Contains("/users/", StringComparison.Ordinal) ? new Dictionary<string, string> { ["0"] = "name", ["3"] = "login", ["4"] = "homeId" } : OfRecords(o) ? new() { ["0"] = "at", ["1"] = "customerId" } : OfDeals(o) ? Needed(o).Select((f, i) => (f, i)).ToDictionary(x => x.i.ToString(CultureInfo.InvariantCulture), x => x.f) : new() { ["0"] = Title(parts[2], parts[3]) }, mode = "DryRun" })).Ok().Json.GetInt64();
                break;
            case "id" when parts[2] != "platform": id = await New(parts[2], parts[3], deleted: false); break;
            case "id" when o.Path.Contains("/operations/", StringComparison.Ordinal):
                id = (await Who.Post("/api/customers/customers/bulk", new { rows = new[] { new { name = Crm.Name("批量") } } })).Ok().Json.GetProperty("operationId").GetInt64();
                break;
            case "id" when o.Path.Contains("/tokens/", StringComparison.Ordinal): id = (await Who.Post("/api/platform/me/tokens", new { name = "试" })).Ok().Json.GetProperty("id").GetInt64(); break;
            case "id" when o.Path.Contains("/fields/", StringComparison.Ordinal):
                id = (await crm.Admin.Post("/api/platform/fields", new { documentType = "customer", label = Crm.Name("字段")[..10], kind = "Text" })).Ok().Json.GetInt64();
                if (o.Path.EndsWith("/restore", StringComparison.Ordinal)) (await crm.Admin.Post($"/api/platform/fields/{id}/delete", new { })).Ok();
                break;
            case "id" when o.Path.Contains("/queries/", StringComparison.Ordinal): id = (await Who.Post("/api/platform/queries/customer", new { name = Crm.Name("查"), request = new { }, shared = false })).Ok().Json.GetInt64(); break;
            case "id": id = await Who.Customer(Crm.Name("客户")); break;
        }
        return id.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The field that names a record of the type.</summary>
    private string Title(string module, string plural) => crm.Services.GetRequiredService<ModuleCatalog>().ByPath(module, plural)?.Title.Name ?? "name";

    private static bool OfRecords(ApiDocument.Operation o) => o.Path.Contains("/tracking/", StringComparison.Ordinal);

    private static bool OfDeals(ApiDocument.Operation o) => o.Path.StartsWith("/api/opportunities/", StringComparison.Ordinal) || o.Path.StartsWith("/api/marketing/", StringComparison.Ordinal);

    /// <summary>The fields an import of the type can't do without.</summary>
    private IEnumerable<string> Needed(ApiDocument.Operation o) =>
        o.Path.Split('/') is [_, _, var module, var plural, ..] && crm.Services.GetRequiredService<ModuleCatalog>().ByPath(module, plural) is { } d ? d.Fields.Where(f => f is { Required: true, ReadOnly: false, Default: null }).Select(f => f.Name) : [];

    private static int sorted = 200;
    private long customer, record, lead, deal, rule, campaign;

    /// <summary>A lead in the state the operation wants.</summary>
    private async Task<long> Lead(ApiDocument.Operation o)
    {
        var id = await New("leads", "leads", deleted: false);
        if (o.Id == "ReopenLead") (await Who.Post($"/api/leads/leads/{id}/invalidate", new { reason = "other" })).Ok();
        return id;
    }

    /// <summary>An opportunity in the state the operation wants.</summary>
    private async Task<long> Deal(string? operation = null)
    {
        var id = await Who.Create("/api/opportunities/opportunities", new { name = Crm.Name("商机"), customerId = await Who.Customer(Crm.Name("客户")) });
        if (operation != "StartOpportunity") (await Who.Post($"/api/opportunities/opportunities/{id}/start", new { })).Ok();
        if (operation == "ResumeOpportunity") (await Who.Post($"/api/opportunities/opportunities/{id}/pause", new { reason = "budget", wakeOn = "2030-01-01" })).Ok();
        if (operation == "UseLinesAmount") await Part("lines", id);
        return id;
    }

    /// <summary>A campaign in the state the operation wants.</summary>
    private async Task<long> Campaign(string? operation = null)
    {
        var id = await Who.Create("/api/marketing/campaigns", new { name = Crm.Name("活动") });
        if (operation is "FinishCampaign" or "CancelCampaign") (await Who.Post($"/api/marketing/campaigns/{id}/start", new { })).Ok();
        if (operation == "RenewWebForm") (await Who.Post($"/api/marketing/campaigns/{id}/web-form", new { open = true })).Ok();
        return id;
    }

    private async Task<long> Stage(int nth) => (await Who.Get("/api/opportunities/stages?kind=ordinary&disabled=false&sort=sort&columns=name")).Ok().Json.GetProperty("items")[nth].GetProperty("id").GetInt64();

    /// <summary>Something that belongs to an opportunity.</summary>
    private async Task<long> Part(string plural, long opportunity) => await Who.Create($"/api/opportunities/{plural}", plural switch
    {
        "lines" => new { opportunityId = opportunity, productId = await crm.Admin.Create("/api/settings/products", new { name = Crm.Name("货品"), retailPrice = 1m }), quantity = 1 },
        "stakeholders" => new { opportunityId = opportunity, contactId = await Who.Contact(Crm.Name("联系人")) },
        "competitions" => new { opportunityId = opportunity, competitorId = await Who.Customer(Crm.Name("对手"), new { customerType = "competitor" }) },
        "registrations" => new { opportunityId = opportunity, vendorId = await Who.Customer(Crm.Name("上游"), new { customerType = "supplier" }) },
        "advances" => new { opportunityId = opportunity, stageId = await Stage(1) },
        _ => (object)new { opportunityId = opportunity, subject = Crm.Name("需求") },
    });

    private async Task<long> New(string module, string plural, bool deleted)
    {
        // The board shows announcements under their own ids.
        if (plural == "board") plural = "announcements";
        if (module == "opportunities")
        {
            var made = plural == "opportunities" ? await Who.Create("/api/opportunities/opportunities", new { name = Crm.Name("商机"), customerId = await Who.Customer(Crm.Name("客户")) })
                : plural == "stages" ? await Who.Create("/api/opportunities/stages", new { name = Crm.Name("阶段"), kind = "ordinary", sort = Interlocked.Increment(ref sorted), probability = 5 })
                : await Part(plural, await Deal());
            if (deleted) (await Who.Delete($"/api/opportunities/{plural}/{made}")).Ok();
            return made;
        }
        var path = $"/api/{module}/{plural}";
        if (module == "marketing" && plural != "campaigns")
        {
            var of = await Campaign();
            var made = await Who.Create(path, plural switch
            {
                "products" => new { campaignId = of, productId = await crm.Admin.Create("/api/settings/products", new { name = Crm.Name("货品") }) },
                "targets" => new { campaignId = of, customerId = await Who.Customer(Crm.Name("客户")) },
                _ => (object)new { campaignId = of, subject = Crm.Name("场地") },
            });
            if (deleted) (await Who.Delete($"{path}/{made}")).Ok();
            return made;
        }
        if (module == "tracking")
        {
            // Figures of customers and contacts are looked at under the id of the customer or contact.
            if (plural == "contacts") return await Who.Contact(Crm.Name("新"));
            customer = await Who.Customer(Crm.Name("新"));
            if (plural == "customers") return customer;
            record = await Who.Create(path, new { customerId = customer, at = plural == "records" ? "2026-01-31T01:30:00Z" : "2036-01-31T01:30:00Z" });
            if (deleted) (await Who.Delete($"{path}/{record}")).Ok();
            return record;
        }
        var id = await Who.Create(path, plural == "users" ? (object)new { name = Crm.Name("新"), login = Crm.Name("u"), homeId = crm.HeadDepartment } : plural == "announcements" ? new { title = Crm.Name("新"), body = "正文" } : new Dictionary<string, object> { [Title(module, plural)] = Crm.Name("新") });
        if (deleted) (await Who.Delete($"{path}/{id}")).Ok();
        return id;
    }

    /// <summary>A customer that nobody owns, in the pool of all.</summary>
    private async Task<long> Open(long? pool = null) =>
        await crm.Admin.Customer(Crm.Name("客户"), new { poolId = pool ?? (await crm.Admin.Get("/api/customers/pools?sort=createdAt")).Ok().Json.GetProperty("items")[0].GetProperty("id").GetInt64() });

    /// <summary>A lock request that waits for review.</summary>
    private async Task<long> Request(bool own)
    {
        var pool = await crm.Admin.Create("/api/customers/pools", new { name = Crm.Name("公海"), everyone = true, review = "yes" });
        var asker = own ? Who : await crm.Hire([.. Employee.Sales, "customers.open.read", "customers.lock.request"]);
        (await asker.Post("/api/customers/customers/request-lock", new { ids = new[] { await Open(pool) } })).Ok();
        return (await asker.Get("/api/customers/lock-requests?box=mine")).Ok().Json[0].GetProperty("id").GetInt64();
    }

    private async Task<string?> Upload(ApiDocument.Operation o) => (await Who.Send(HttpMethod.Post, $"{o.Path[..o.Path.IndexOf("/import", StringComparison.Ordinal)]}/import/files?name=x.csv", File())).Ok().Json.GetProperty("file").GetString();
}
