using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Opportunities.Dealer;

namespace KuaipuCrm.Tests.Opportunities;

/// <summary>Opportunities and their steps come in from a sheet, by people who may little: what is wrong is told at the row, what comes in keeps ledger and stays true, and so does taking it back.</summary>
public class ImportingDeals
{
    private static readonly string[] Importer = [.. Rights, "opportunities.opportunities.import", "opportunities.advances.import", "opportunities.competitions.import", "opportunities.opportunities.restore"];

    [Theory, OnEveryEngine, Trait("req", "OPP-1"), Trait("req", "DOC-4"), Trait("req", "SEC-2")]
    public async Task What_is_wrong_is_told_at_its_row_and_what_is_right_comes_in_as_drafts_in_their_stage(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Importer), await crm.Hire(Importer));
        var (customer, foreign, name) = (Crm.Name("导入客户"), Crm.Name("别人的客户"), Crm.Name("导入商机"));
        var mine = await li.Customer(customer);
        await wu.Customer(foreign);
        var (stages, bid) = (await li.StagesOf(), await li.StagesOf("bid"));
        string[] rows =
        [
            $"{name}一,{customer},普通,{stages[2].Name},\"1,234.50\",2099-12-31,{li.Name},商机成功",
            $"{name}二,{foreign},普通,,100,,,",
            $"{name}三,{customer},普通,没有这个阶段,100,,,",
            $"{name}四,{customer},普通,{bid[1].Name},100,,,",
            $"{name}五,{customer},普通,,一百,,,",
            $"{name}六,{customer},普通,,-1,,,",
            $"{name}七,{customer},普通,,100,2099-02-31,,",
            $"{name}八,{customer},普通,,100,,{wu.Login},",
            $",{customer},普通,,100,,,",
            $"{name}一,{customer},普通,,100,,,",
            $"{name}九,{customer},特别,,100,,,",
            $"{name}十,{customer},投标,{bid[1].Name},100,,,进行中",
        ];
        const string header = "商机名称,客户,商机类型,商机阶段,金额,预签日期,负责人,状态";
        var trial = await li.Import(All, ImportMode.DryRun, header, rows);
        Assert.Equal(Enumerable.Range(3, 10), trial.Faults().Select(f => f.Line).Distinct());
        Assert.Equal(2, trial.GetProperty("created").GetInt32());
        Assert.Empty(await li.List($"{All}?text={name}"));
        var report = await li.Import(All, ImportMode.GoodRows, header, rows);
        var faults = report.Faults();
        Assert.Equal((2, 10), (report.GetProperty("created").GetInt32(), report.GetProperty("operation").GetProperty("failed").GetInt32()));
        Assert.Equal([(3, "客户"), (4, "商机阶段"), (5, "商机阶段"), (6, "金额"), (7, "金额"), (8, "预签日期"), (9, "负责人"), (10, "商机名称"), (12, "商机类型")], faults.Where(f => f.Line != 11).Select(f => (f.Line, f.Column)));
        Assert.All(report.GetProperty("findings").EnumerateArray(), f => Assert.Contains(f.GetProperty("message").GetString()!, c => c is >= '\u4e00' and <= '\u9fff'));
        Assert.DoesNotContain(foreign + "”有", report.ToString());
        // Whatever the sheet says of a status: what comes in is a draft, in the stage it names.
        var made = (await li.Get($"{All}?text={name}&columns=name,status,stageId,amount,weighted,ownerId,kind&sort=name")).Ok().Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, made.Count);
        var first = made.Single(m => m.Text("name") == name + "一");
        Assert.Equal(("draft", stages[2].Id.ToString(), "1234.5", "617.25", li.Id.ToString()), (first.Text("status"), first.Text("stageId"), first.Text("amount"), first.Text("weighted"), first.Text("ownerId")));
        Assert.Equal(("draft", bid[1].Id.ToString()), (made.Single(m => m.Text("kind") == "bid").Text("status"), made.Single(m => m.Text("kind") == "bid").Text("stageId")));
        long[] ids = [.. made.Select(m => m.GetProperty("id").GetInt64())];
        Assert.Equal(2, (await li.List($"{Advances}?kind=start&opportunityId.in={string.Join(',', ids)}")).Count);
        await Ledger.IsTrue(crm, ids);
        (await li.Post($"/api/platform/operations/{report.Operation()}/undo", new { })).Ok();
        Assert.Empty(await li.List($"{All}?text={name}"));
        await Ledger.IsTrue(crm, ids);
        // One sheet names a competitor twice: it comes in once.
        var (deal, rival) = (await li.Deal(1m), Crm.Name("对手"));
        await li.Customer(rival, new { customerType = "competitor" });
        var twice = await li.Import("/api/opportunities/competitions", ImportMode.GoodRows, "商机,竞争对手,优势", $"{(await li.Deal(deal)).Text("number")},{rival},便宜", $"{(await li.Deal(deal)).Text("number")},{rival},快");
        Assert.Equal((1, "duplicate"), (twice.GetProperty("created").GetInt32(), twice.Faults().Single().Code));
        // Without the right there is no import.
        (await (await crm.Hire(Rights)).Send(HttpMethod.Post, $"{All}/import/files?name=a.csv", new ByteArrayContent("商机名称"u8.ToArray()))).Refused(403);
        Assert.NotEqual(0, mine);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-2"), Trait("req", "OPP-12"), Trait("req", "DOC-4"), Trait("req", "DOC-14")]
    public async Task Rows_that_are_there_are_changed_by_their_number_the_ended_ones_are_not_and_all_is_taken_back(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Importer), await crm.Hire(Importer));
        var (runs, won, foreign) = (await li.Deal(100m), await li.Deal(200m), await wu.Deal(300m));
        (await li.Post($"{All}/{won}/win", new { })).Ok();
        async Task<string> Row(Employee who, long id, string amount) => await who.Deal(id) is var d ? $"{d.Text("number")},{d.Text("name")},{amount},2099-05-05" : "";
        var sheet = System.Text.Encoding.UTF8.GetBytes("\uFEFF编号,商机名称,金额,预签日期\r\n" + string.Join("\r\n", await Row(li, runs, "150.25"), await Row(li, won, "999"), await Row(wu, foreign, "1")));
        var report = await li.Import(All, sheet, ImportMode.GoodRows, "number");
        Assert.Equal((1, 0), (report.GetProperty("updated").GetInt32(), report.GetProperty("created").GetInt32()));
        Assert.Equal([3, 4], report.Faults().Select(f => f.Line).Distinct());
        Assert.Contains("商机成功", report.GetProperty("findings").EnumerateArray().First(f => f.GetProperty("line").GetInt32() == 3).GetProperty("message").GetString());
        Assert.Equal(("150.25", "15.03"), ((await li.Deal(runs)).Text("amount"), (await li.Deal(runs)).Text("weighted")));
        Assert.Equal(("200", "300"), ((await li.Deal(won)).Text("amount"), (await wu.Deal(foreign)).Text("amount")));
        await Ledger.IsTrue(crm, [runs, won, foreign]);
        (await li.Post($"/api/platform/operations/{report.Operation()}/undo", new { })).Ok();
        Assert.Equal(("100", "10", JsonValueKind.Null), (await li.Deal(runs) is var back ? (back.Text("amount"), back.Text("weighted"), back.GetProperty("signDate").ValueKind) : default));
        await Ledger.IsTrue(crm, [runs, won, foreign]);
    }

    [Theory, OnEveryEngine, Trait("req", "OPP-4"), Trait("req", "OPP-12"), Trait("req", "DOC-4")]
    public async Task Steps_of_the_past_come_in_with_their_stays_and_go_again(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wu) = (await crm.Hire(Importer), await crm.Hire(Importer));
        var stages = await li.StagesOf();
        var (deal, won, foreign) = (await li.Deal(100m), await li.Deal(200m), await wu.Deal(300m));
        (await li.Post($"{All}/{won}/win", new { })).Ok();
        // As of a deal that has been under way for long.
        var (db, began) = (crm.Db, DateTime.UtcNow.AddDays(-20));
        await db.Unit(() => db.Execute($"update opportunities.advance set at = {began} where opportunity_id = {deal} and {Sql.Trusted($"{Sql.Guard}advance{Sql.Guard}")} 1 = 1"));
        async Task<string> Number(Employee who, long id) => (await who.Deal(id)).Text("number");
        var (at, then) = (DateTime.UtcNow.AddHours(8).AddDays(-10), DateTime.UtcNow.AddHours(8).AddDays(-4));
        var report = await li.Import(Advances, ImportMode.GoodRows, "商机,推进日期,阶段,进展",
            $"{await Number(li, deal)},{at:yyyy-MM-dd HH:mm},{stages[1].Name},第一步", $"{await Number(li, deal)},{then:yyyy-MM-dd HH:mm},{stages[2].Name},第二步",
            $"{await Number(li, won)},{then:yyyy-MM-dd HH:mm},{stages[2].Name},迟了", $"{await Number(wu, foreign)},{then:yyyy-MM-dd HH:mm},{stages[2].Name},别人的",
            $"{await Number(li, deal)},{then:yyyy-MM-dd HH:mm},没有这个阶段,错", $"{await Number(li, deal)},2099-01-01 10:00,{stages[2].Name},将来");
        Assert.Equal(2, report.GetProperty("created").GetInt32());
        Assert.Equal([4, 5, 6, 7], report.Faults().Select(f => f.Line).Distinct());
        var steps = (await li.Get($"{Advances}?opportunityId={deal}&sort=at&columns=stageId,leftAt,stay,progress,kind")).Ok().Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(3, steps.Count);
        Assert.Equal("6", steps.Single(s => s.Text("progress") == "第一步").Text("stay"));
        Assert.Equal((stages[2].Id.ToString(), "50"), (await li.Deal(deal) is var d ? (d.Text("stageId"), d.Text("probability")) : default));
        await Ledger.IsTrue(crm, [deal, won, foreign]);
        (await li.Post($"/api/platform/operations/{report.Operation()}/undo", new { })).Ok();
        Assert.Equal(["start"], (await li.Get($"{Advances}?opportunityId={deal}&columns=kind")).Ok().Json.GetProperty("items").EnumerateArray().Select(s => s.Text("kind")));
        Assert.Equal(stages[0].Id.ToString(), (await li.Deal(deal)).Text("stageId"));
        await Ledger.IsTrue(crm, [deal, won, foreign]);
    }
}
