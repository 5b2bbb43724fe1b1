using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Stages;

/// <summary>A step on the way of opportunities of one type (SET-10): how likely a deal is there, how long it should stay, what must be there before it is entered.</summary>
internal sealed class Stage : Document
{
    public string Kind { get; set; } = Opportunity.Ordinary;
    public string Name { get; set; } = "";
    public long? Sort { get; set; }
    /// <summary>Per cent.</summary>
    public long? Probability { get; set; }
    public long? ExpectedDays { get; set; }
    /// <summary>Who takes part (配套人员).</summary>
    public string? Duties { get; set; }
    /// <summary>What is done (标准作业).</summary>
    public string? Standard { get; set; }
    /// <summary>Labels of fields of the opportunity, by 、.</summary>
    public string? RequiredFields { get; set; }
    public bool NeedsFile { get; set; }
    public bool NeedsApproval { get; set; }
    public bool Disabled { get; set; }
}

internal sealed class StageDocument : IDocument<Stage>
{
    public void Declare(DocumentBuilder<Stage> d)
    {
        d.Named("stage", "stages", "商机阶段", "opportunities.stage", "JD").Title(x => x.Name);
        d.Text(x => x.Name, "阶段名称", 40).Required().Listed(160);
        d.OneOf(x => x.Kind, "商机类型", Opportunity.Kinds).Required().Fixed().Listed(84).Default(_ => Opportunity.Ordinary);
        d.Number(x => x.Sort, "顺序").Required().Range(1, 999).Listed(64).Default(_ => 10L).Help("小的在前");
        d.Number(x => x.Probability, "成功概率（%）").Required().Range(0, 100).Listed(104).Default(_ => 10L);
        d.Number(x => x.ExpectedDays, "预计停留天数").Range(1, 3650).Listed(104).Help("超过时列入“停留超期”");
        d.Flag(x => x.Disabled, "停用").Listed(64).Help("停用后不能再进入，已在其中的商机不受影响");
        d.Section("标准作业");
        d.Text(x => x.Duties, "配套人员", 200).Wide();
        d.LongText(x => x.Standard, "标准作业", 4000);
        d.Section("进入条件");
        d.Text(x => x.RequiredFields, "须填写的字段", 400).Wide().Help("商机的字段名称，用顿号分隔，如：金额、预签日期、联系人");
        d.Flag(x => x.NeedsFile, "须有附件").Listed(80);
        d.Flag(x => x.NeedsApproval, "须经审核").Listed(80).Help("进入之前按审核流程审核，通过后自动进入");
        d.With(x => (x.Owned, x.Searchable, x.Icon, x.MenuGroup, x.MenuOrder, x.Subtitle, x.Order) = (false, false, "stairs", "设置", 80, x.Field("kind"), ("sort", false)));
    }
}

/// <summary>Stages of a type differ in name and place; one that opportunities stand in stays.</summary>
internal sealed class StageRules(IDb db, IScope scope, ICatalog catalog) : IDocumentRule<Stage>
{
    private const string Why = "stages are the same for all";

    public async Task Before(IReadOnlyList<Change<Stage>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Restore)) await Saved(c, ct);
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Delete))
            if (await db.First<long>($"select count(*) from opportunities.opportunity o where o.stage_id = {c.Now.Id} and o.deleted_at is null and {scope.All("opportunity", Why)}", ct) is > 0 and var n)
                c.Refuse("", $"还有 {n} 个商机在“{c.Now.Name}”阶段，不能删除；可以停用。");
            else if (await db.First<long>($"select count(*) from opportunities.stage s where s.kind = {c.Now.Kind} and s.id <> {c.Now.Id} and s.disabled = {false} and s.deleted_at is null and {scope.All("stage", Why)}", ct) == 0)
                c.Refuse("", "每类商机至少保留一个可用的阶段。");
    }

    /// <summary>How far opportunities came is kept by the place of the stage: it goes along when the stage is put elsewhere.</summary>
    public async Task After(IReadOnlyList<Change<Stage>> changes, CancellationToken ct)
    {
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Update && c.Before!.Sort != c.Now.Sort))
            await db.Execute($"update opportunities.opportunity set furthest = {c.Now.Sort} where kind = {c.Now.Kind} and furthest = {c.Before!.Sort} and {scope.All("opportunity", Why)}", ct);
    }

    private async Task Saved(Change<Stage> c, CancellationToken ct)
    {
        var s = c.Now;
        foreach (var other in await db.Query<Other>($"select s.name, s.sort from opportunities.stage s where s.kind = {s.Kind} and s.id <> {s.Id} and s.deleted_at is null and {scope.All("stage", Why)}", ct))
            if (other.Name == s.Name) c.Refuse("name", $"已有名为“{s.Name}”的阶段。");
            else if (other.Sort == s.Sort) c.Refuse("sort", $"顺序 {s.Sort} 已用于阶段“{other.Name}”。");
        if (c.Before is { Disabled: false } && s.Disabled && await db.First<long>($"select count(*) from opportunities.stage s where s.kind = {s.Kind} and s.id <> {s.Id} and s.disabled = {false} and s.deleted_at is null and {scope.All("stage", Why)}", ct) == 0)
            c.Refuse("disabled", "每类商机至少保留一个可用的阶段。");
        if (string.IsNullOrWhiteSpace(s.RequiredFields)) s.RequiredFields = null;
        else if (Gates.Names(s.RequiredFields).FirstOrDefault(n => Gates.Find(catalog, n) is null) is { } unknown) c.Refuse("requiredFields", $"商机没有名为“{unknown}”的字段。");
    }

    private sealed record Other(string Name, long Sort);
}
