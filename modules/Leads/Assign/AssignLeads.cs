using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Assign;

/// <summary>Gives leads to a colleague (LEA-3), one or many.</summary>
[Action("分配", "leads.leads.assign", Route = "leads/assign", On = "lead", OnMany = "lead", Where = typeof(WhereOpen), Icon = "people-arrows", Help = "把未结束的线索分配或移交给一位同事；做不到的逐条说明。", Example = "{\"ids\":[1024],\"toId\":1}")]
public sealed record AssignLeads([Label("线索")] IReadOnlyList<long> Ids, [Label("新负责人", Of = "user"), Required] long ToId) : ICommand<BatchResult>;

/// <summary>Gives leads out in turn by the rules (LEA-3).</summary>
[Action("轮流分配", "leads.leads.assign", Route = "leads/assign-in-turn", OnMany = "lead", Where = typeof(WhereOpen), Icon = "arrows-rotate", Help = "按分配规则把线索轮流分给规则中的同事；ruleId 只用这一条规则。没有规则符合的逐条说明。", Example = "{\"ids\":[1024]}")]
public sealed record AssignLeadsInTurn([Label("线索")] IReadOnlyList<long> Ids, [Label("只用这条规则（不选则按各规则的条件）", Of = "leadrule")] long? RuleId = null) : ICommand<BatchResult>;

/// <summary>Where there is something left to be assigned.</summary>
internal sealed class WhereOpen : IActionWhere
{
    public bool OnPage(IReadOnlyDictionary<string, object?> values, long userId) => values.GetValueOrDefault("status") as string is Lead.Open or Lead.Following;
    public bool InList(string? view) => view is not ("converted" or "invalid");
}

internal sealed class AssignLeadsHandler(IDb db, IScope scope, IDocuments<Lead> leads, Turns turns, IOperations operations, IOrganization organization, IMessages messages, ICurrentUser me) : ICommandHandler<AssignLeads, BatchResult>, ICommandHandler<AssignLeadsInTurn, BatchResult>
{
    private const int Most = 2_000;

    public Task<BatchResult> Handle(AssignLeads command, CancellationToken ct)
    {
        if (organization.Person(command.ToId) is not { Enabled: true } heir) throw new Invalid("toId", "新负责人不存在或已停用。");
        return Assign(command.Ids, $"分配线索给 {heir.Name}", c =>
        {
            if (c.Now.OwnerId == heir.Id) c.Refuse("", $"已经是 {heir.Name} 的线索。");
            c.Now.OwnerId = heir.Id;
        }, ct);
    }

    public async Task<BatchResult> Handle(AssignLeadsInTurn command, CancellationToken ct)
    {
        var wanted = await leads.Find(Checked(command.Ids), ct);
        var open = wanted.Where(l => !l.IsOver).ToList();
        var left = (await turns.Give(open, command.RuleId, automatic: false, ct)).Select(l => l.Id).ToHashSet();
        var owners = open.Where(l => !left.Contains(l.Id)).ToDictionary(l => l.Id, l => l.OwnerId);
        return await Assign(command.Ids, "按规则轮流分配线索", c =>
        {
            if (owners.TryGetValue(c.Now.Id, out var owner)) c.Now.OwnerId = owner;
            else if (!c.Now.IsOver) c.Refuse("", command.RuleId is null ? "没有符合的分配规则，或规则中没有同事。" : "这条规则不存在、已停用，或其中没有同事。");
        }, ct);
    }

    private async Task<BatchResult> Assign(IReadOnlyList<long> ids, string label, Action<Change<Lead>> give, CancellationToken ct)
    {
        var wanted = Checked(ids);
        var operation = await operations.Begin("assign", $"{label}：{wanted.Count} 条", "lead", wanted.Count, ct);
        IReadOnlyList<Change<Lead>> changes;
        using (operations.Within(operation))
        {
            changes = await leads.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), wanted)} and {scope.Of("lead", "t")}", "cut to the user's scope in the condition", c =>
            {
                if (c.Now.IsOver) c.Refuse("", $"线索已是“{c.Now.StatusText}”，不能再分配。");
                else give(c);
            }, ct);
        }
        var met = changes.Select(c => c.Now.Id).ToHashSet();
        List<RowProblem> problems = [.. changes.Where(c => c.Errors.Count > 0).Select(c => new RowProblem(c.Now.Id, c.Now.Subject, string.Join("；", c.Errors.Select(e => e.Message)))), .. wanted.Where(id => !met.Contains(id)).Select(id => new RowProblem(id, "", "线索不存在，或您无权操作。", "id"))];
        var done = changes.Where(c => c.Errors.Count == 0).ToList();
        if (done.Count == 0 && wanted.Count == 1) throw met.Count == 0 ? new NotFound("线索") : new RuleBroken(problems[0].Message);
        await operations.End(operation, done.Count, problems, null, ct);
        foreach (var heir in done.Where(c => c.Now.OwnerId is not null && c.Now.OwnerId != c.Before!.OwnerId).GroupBy(c => c.Now.OwnerId!.Value))
            await messages.SendTo([heir.Key], "lead", heir.Count() == 1 ? $"{me.Name} 把线索“{heir.First().Now.Subject}”分配给您。" : $"{me.Name} 把“{heir.First().Now.Subject}”等 {heir.Count()} 条线索分配给您。", heir.Count() == 1 ? $"/leads/leads/{heir.First().Now.Id}" : "/leads/leads?view=mine", ct);
        return new(operation, done.Count, problems);
    }

    private static IReadOnlyList<long> Checked(IReadOnlyList<long> ids) =>
        ids.Distinct().ToList() is { Count: > 0 and <= Most } wanted ? wanted : throw new Invalid("ids", $"请选择 1 到 {Most:N0} 条线索。");
}
