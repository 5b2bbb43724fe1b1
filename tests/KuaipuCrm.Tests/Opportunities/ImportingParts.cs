using System.Text;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Opportunities.Dealer;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>What belongs to an opportunity comes in by a file, too, on every engine.</summary>
public class ImportingParts
{
    [Theory, OnEveryEngine, Trait("req", "OPP-1")]
    public async Task A_file_of_stakeholders_is_taken_in_and_a_contact_that_is_there_is_left(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Rights, "opportunities.stakeholders.import"]);
        var id = await li.Deal(1m);
        var (there, fresh) = (await li.Contact(Crm.Name("已有")), await li.Contact(Crm.Name("新来")));
        const string rows = "/api/opportunities/stakeholders";
        await li.Create(rows, new { opportunityId = id, contactId = there });
        var number = (await li.Deal(id)).Text("number");
        var names = new[] { (await li.View("contacts", there)).Text("number"), (await li.View("contacts", fresh)).Text("number") };
        var csv = Encoding.UTF8.GetBytes($"商机,联系人\n{number},{names[0]}\n{number},{names[1]}\n");
        var file = (await li.Send(HttpMethod.Post, $"{rows}/import/files?name=x.csv", new ByteArrayContent(csv) { Headers = { ContentType = new("application/octet-stream") } })).Ok().Json.GetProperty("file").GetString();
        var operation = (await li.Post($"{rows}/import", new { file, sheet = 0, columns = new Dictionary<string, string> { ["0"] = "opportunityId", ["1"] = "contactId" }, mode = "GoodRows" })).Ok().Json.GetInt64();
        for (var i = 0; i < 300 && (await li.Get($"{rows}/import/{operation}")).Ok().Json.GetProperty("operation").GetProperty("state").GetString() is "waiting" or "running"; i++) await Task.Delay(100);
        Assert.Equal(2, (await li.List($"{rows}?opportunityId={id}")).Count);
        Assert.Single(await li.List($"{rows}?opportunityId={id}&contactId={fresh}"));
    }
}
