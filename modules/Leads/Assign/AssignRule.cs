using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Assign;

/// <summary>Who gets leads in turn (LEA-3): of a source, of a region, or all.</summary>
internal sealed class AssignRule : Document
{
    public string Name { get; set; } = "";
    /// <summary>Smaller is asked first.</summary>
    public long? Sort { get; set; }
    public string? Source { get; set; }
    public string? Region { get; set; }
    /// <summary>Leads that come in without an owner are given out at once.</summary>
    public bool Automatic { get; set; } = true;
    public bool Disabled { get; set; }
}

internal sealed class AssignRuleDocument : IDocument<AssignRule>
{
    public void Declare(DocumentBuilder<AssignRule> d)
    {
        d.Named("leadrule", "rules", "线索分配规则", "leads.assign_rule", "FP").Title(x => x.Name);
        d.Text(x => x.Name, "规则名称", 40).Required().Listed(180);
        d.Number(x => x.Sort, "顺序").Required().Range(1, 9999).Listed(64).Default(_ => 10L).Help("第一条符合的规则有效，小的在前");
        d.Choice(x => x.Source, "线索来源", "lead.source").Listed(110).Help("不选则不限来源");
        d.Choice(x => x.Region, "地区", "region").Cascading().Listed(110).Help("选省份则包括其城市；不选则不限地区");
        d.Flag(x => x.Automatic, "自动分配").Listed(80).Default(_ => true).Help("没有负责人的新线索立即按此规则分配");
        d.Flag(x => x.Disabled, "停用").Listed(64);
        d.With(x => (x.Owned, x.Searchable, x.Icon, x.MenuGroup, x.MenuOrder, x.Order) = (false, false, "arrows-rotate", "设置", 80, ("sort", false)));
    }
}

internal sealed class AssignRuleRules(IDb db) : IDocumentRule<AssignRule>
{
    public async Task After(IReadOnlyList<Change<AssignRule>> changes, CancellationToken ct)
    {
        await db.Insert("leads.turn", ["rule_id", "given"], changes.Where(c => c.Kind == ChangeKind.Create).Select(c => new object?[] { c.Now.Id, 0L }), ct);
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Purge))
        {
            await db.Execute($"delete from leads.turn where rule_id = {c.Now.Id}", ct);
            await db.Execute($"delete from leads.rule_member where rule_id = {c.Now.Id}", ct);
        }
    }
}

/// <summary>Puts a person among those who get leads by a rule.</summary>
[Action("加入分配规则", "leads.rules.update", Route = "rules/{ruleId}/members/{userId}/add", Help = "让一位同事参与按此规则的轮流分配。")]
public sealed record AddRuleMember([Label("分配规则的编号")] long RuleId, [Label("用户的编号")] long UserId) : ICommand<Done>;

/// <summary>Takes a person out again.</summary>
[Action("移出分配规则", "leads.rules.update", Route = "rules/{ruleId}/members/{userId}/remove", Help = "不再按此规则分给这位同事。")]
public sealed record RemoveRuleMember([Label("分配规则的编号")] long RuleId, [Label("用户的编号")] long UserId) : ICommand<Done>;

internal sealed class RuleMemberHandlers(IDocuments<AssignRule> rules, IDb db, IOrganization organization, IHistory history) : ICommandHandler<AddRuleMember, Done>, ICommandHandler<RemoveRuleMember, Done>
{
    public async Task<Done> Handle(AddRuleMember command, CancellationToken ct)
    {
        var rule = await rules.GetToChange(command.RuleId, ct);
        if (organization.Person(command.UserId) is not { Enabled: true } person) throw new Invalid("userId", "同事不存在或已停用。");
        if (await db.Execute($"insert into leads.rule_member (rule_id, user_id) select {rule.Id}, {person.Id} where not exists (select 1 from leads.rule_member m where m.rule_id = {rule.Id} and m.user_id = {person.Id})", ct) > 0)
            await history.Write(rule.Id, "member", [("分配给", null, person.Name)], ct);
        return default;
    }

    public async Task<Done> Handle(RemoveRuleMember command, CancellationToken ct)
    {
        var rule = await rules.GetToChange(command.RuleId, ct);
        if (await db.Execute($"delete from leads.rule_member where rule_id = {rule.Id} and user_id = {command.UserId}", ct) == 0) throw new NotFound("规则中的同事");
        await history.Write(rule.Id, "member", [("分配给", organization.Person(command.UserId)?.Name, null)], ct);
        return default;
    }
}
