using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Api;

/// <summary>Drives the running host from its own OpenAPI documents: every operation, with what it describes, at the edges and beyond; no answer but the described ones (API-1, API-3).</summary>
public class Contract
{
    /// <summary>Can't be carried out with the example alone: they want a password, a code of six digits, an object in a certain state.</summary>
    private static readonly HashSet<string> NeverDone = ["RunJob", "PauseJob", "ChangePassword", "ConfirmTotp", "DisableTotp", "EndSession", "CancelOperation", "OperationErrors", "EndShare", "ErasePerson", "MakeContact", "SendRegistration", "AcceptTask", "RefuseTask", "CheckTask", "StopRepeating", "QueueForCustomer"];

    /// <summary>What stands beside documents wants flows, files and people of its own; carried out in tests of its own, here driven beyond its edges only.</summary>
    private static readonly Regex Beside = new(@"/(comments|submit|withdraw|attachments|approval-tasks|approvals/\{id\}|stand-in|flows|messages|modules|mail|mail-preview|templates|template-fields|outgoing|channels|opt-outs|webhooks|webhook-events|webhook-deliveries|board|publish|departments|reminders|reminder-rules|message-routes)", RegexOptions.Compiled);

    [Theory, OnEveryEngine, Trait("req", "API-1"), Trait("req", "API-3"), Trait("size", "large")]
    public async Task No_answer_but_the_described_ones(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var walker = await crm.Hire(["*"], ScopeKind.All);
        var (wrong, alike) = (new List<string>(), new Dictionary<string, int>());
        var (operations, requests) = (0, 0);
        foreach (var module in crm.Services.GetRequiredService<ModuleCatalog>().Modules.Select(m => m.Id).Append("platform"))
        {
            var api = new ApiDocument(JsonNode.Parse((await crm.Admin.Get($"/openapi/{module}.json")).Ok().Text)!);
            Assert.StartsWith("3.1", (string?)api.Root["openapi"]);
            var things = new Things(crm);
            foreach (var o in api.Operations)
            {
                operations++;
                try
                {
                    var walk = await Walk(crm, walker, api, o, things, alike[Shape(o)] = alike.GetValueOrDefault(Shape(o)) + 1, engine);
                    requests += walk.Requests;
                    wrong.AddRange(walk.Wrong.Distinct().Select(w => $"{o}: {w}"));
                }
                catch (Xunit.Sdk.XunitException e)
                {
                    // What the operation needs could not be made; the others are driven all the same.
                    wrong.Add($"{o}: {e.Message}");
                }
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {requests} answers to {operations} operations:\n{string.Join('\n', wrong.Take(100))}");
        Assert.True(operations >= 100 && requests >= 2000, $"{operations} operations, {requests} requests");
    }

    [Fact, Trait("req", "API-1")]
    public async Task Everything_is_described_in_chinese_with_examples()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var lacking = new List<string>();
        foreach (var module in crm.Services.GetRequiredService<ModuleCatalog>().Modules.Select(m => m.Id).Append("platform"))
        {
            var api = new ApiDocument(JsonNode.Parse((await crm.Admin.Get($"/openapi/{module}.json")).Ok().Text)!);
            Assert.Equal(["session", "token"], api.Root["components"]!["securitySchemes"]!.AsObject().Select(s => s.Key).Order());
            foreach (var o in api.Operations)
            {
                foreach (var what in new[] { "summary", "description" })
                    if (((string?)o.Node[what])?.Any(c => c is >= '\u4e00' and <= '\u9fff') != true) lacking.Add($"{o}: {what}");
                foreach (var p in (o.Node["parameters"]?.AsArray() ?? []).Select(p => api.Follow(p!)))
                    if (((string?)p["description"])?.Length > 0 != true) lacking.Add($"{o}: parameter {p["name"]}");
                if (api.Body(o) is { } body && (body["example"] is not { } example || !await api.Fits(body["schema"]!, example))) lacking.Add($"{o}: an example of the body that keeps to its schema");
                foreach (var (status, answer) in o.Node["responses"]!.AsObject())
                    foreach (var (type, media) in api.Follow(answer!)["content"]?.AsObject() ?? [])
                        if (type.EndsWith("json", StringComparison.Ordinal) && (string?)media!["schema"]!["$ref"] != "#/components/schemas/Done" && (!media!.AsObject().TryGetPropertyValue("example", out var shown) || !await api.Fits(media["schema"]!, shown))) lacking.Add($"{o}: an example of {status} that keeps to its schema");
                foreach (var status in new[] { "401", "403", "429" })
                    if (o.Node["responses"]![status] is null) lacking.Add($"{o}: {status}");
            }
        }
        Assert.True(lacking.Count == 0, string.Join('\n', lacking.Take(60)));
    }

    /// <summary>A list of a kind that the framework does not read from an address would be taken from the container, and whatever the caller says be ignored.</summary>
    [Fact, Trait("req", "API-1")]
    public async Task Whatever_a_query_takes_can_be_said_in_its_address()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var lacking = new List<string>();
        foreach (var (id, assembly) in crm.Services.GetRequiredService<ModuleCatalog>().Modules.Select(m => (m.Id, m.Assembly)).Append(("platform", typeof(IModule).Assembly)))
        {
            var operations = new ApiDocument(JsonNode.Parse((await crm.Admin.Get($"/openapi/{id}.json")).Ok().Text)!).Operations.ToLookup(o => o.Id);
            foreach (var query in assembly.GetTypes().Where(t => t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IQuery<>)) && t.GetCustomAttributes(false).OfType<ActionAttribute>().Any(a => a.Route is not null)))
            {
                var named = operations[query.Name].Single().Node["parameters"]?.AsArray().Select(p => (string?)p!["name"]).ToHashSet(StringComparer.OrdinalIgnoreCase) ?? [];
                lacking.AddRange(query.GetConstructors()[0].GetParameters().Where(p => !named.Contains(p.Name)).Select(p => $"{query.Name}: {p.Name}"));
            }
        }
        Assert.True(lacking.Count == 0, string.Join('\n', lacking));
    }

    [Theory, OnEveryEngine, Trait("req", "API-1")]
    public async Task Who_is_not_signed_in_does_not_even_see_what_there_is(string engine)
    {
        var crm = await Crm.Shared(engine);
        foreach (var url in new[] { "/openapi/customers.json", "/openapi/platform.json" }) (await crm.Stranger().Get(url)).Refused(401);
        (await crm.Admin.Get("/openapi/gibtesnicht.json")).Is(404);
    }

    /// <summary>Of operations alike so many are driven with every input.</summary>
    private const int Whole = 3;

    /// <summary>What it is, whatever type it is of.</summary>
    private static string Shape(ApiDocument.Operation o) => o.Method + Regex.Replace(o.Path, "^/api/[^/]+/[^/]+", "");

    private static async Task<(int Requests, List<string> Wrong)> Walk(Crm crm, Employee walker, ApiDocument api, ApiDocument.Operation o, Things things, int nth, string engine)
    {
        var (wrong, requests, at) = (new List<string>(), 0, 0);
        // A new session each: one of the operations ends them all.
        var who = await crm.As(walker.Id, walker.Login, walker.Name);
        things.Who = await crm.As(walker.Id, walker.Login, walker.Name);
        var method = new HttpMethod(o.Method);
        var valid = api.Body(o)?["example"] is { } example ? things.Fill(o, example.DeepClone()) : null;
        var query = things.Query(o);
        var upload = o.Node["requestBody"]?["content"]?["application/octet-stream"] is not null;
        async Task<Answer> Ask(Employee person, string what, string url, object? body, bool refused, params (string, string)[] headers)
        {
            requests++;
            var answer = await person.Send(method, url, upload ? Things.File() : body is JsonNode node ? node.ToJsonString() : body, headers);
            wrong.AddRange((await api.Wrong(o, answer)).Select(w => $"{what}: {w}"));
            if (refused && (int)answer.Status is >= 200 and < 300) wrong.Add($"{what}: carried out, though it is described as wrong");
            return answer;
        }
        (string, string)[] match = o.Method == "PATCH" ? [("If-Match", "\"1\"")] : [];
        var done = await Ask(who, "as described", await things.Url(o) + query, valid, false, match);
        if ((int)done.Status is not (>= 200 and < 300) && !NeverDone.Contains(o.Id) && !Beside.IsMatch(o.Path)) wrong.Add($"the example is not accepted: {(int)done.Status} {done.Text[..Math.Min(300, done.Text.Length)]}");
        await Ask(crm.Stranger(), "not signed in", await things.Url(o, fresh: false) + query, valid, true);
        foreach (var input in Inputs.Of(api, o, valid, query))
        {
            // What a declaration gives to every type is driven with all inputs for some, with every fifth, another each time, for the others; on further engines with fewer.
            var every = (nth > Whole, engine == Engines.Sqlite) switch { (false, true) => 1, (false, false) => 3, (true, true) => 5, _ => 10 };
            if (at++ % every != nth % every) continue;
            var refused = input.Refused || input.Body is JsonNode body && api.Body(o) is { } described && !await api.Fits(described["schema"]!, body);
            await Ask(who, input.What, await things.Url(o, fresh: false) + input.Query, input.Body, refused, input.Headers.Length > 0 ? input.Headers : match);
        }
        string[] odd = ["0", "-1", long.MaxValue.ToString(CultureInfo.InvariantCulture), "abc", "%27", "a%2Fb"];
        foreach (var id in !o.Path.Contains('{') ? [] : nth > Whole ? [odd[nth % odd.Length]] : odd)
            await Ask(who, $"address with {id}", Regex.Replace(o.Path, @"\{\w+\}", id) + query, valid, false, match);
        return (requests, wrong);
    }
}
