using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Changes;

/// <summary>What changed in the pipeline between two days (OPP-12): opening, what came in, changed and left, closing; it adds up, whoever asks and however it is cut.</summary>
[Action("商机变化", OpportunitiesModule.Read, Route = "changes", Help = "两天（都按当天结束时）之间进行中的商机有何变化：期初，加新增、激活、转入，加减金额与概率的变化，减成功、无效、暂缓、转出、删除，等于期末；另有期初的商机中推进、回退了多少。只含可见的；负责人按当时的。")]
public sealed record GetChanges([Label("从哪一天")] DateOnly? From = null, [Label("到哪一天")] DateOnly? To = null, [Label("商机类型：ordinary 普通，bid 投标；不给则全部")] string? Kind = null,
    [Label("部门（含下级）的编号")] long? DepartmentId = null, [Label("负责人的编号")] long? OwnerId = null) : IQuery<ChangesView>;

/// <param name="Opening">Under way at the end of the first day.</param>
/// <param name="Parts">What makes the difference, always all parts in their order.</param>
/// <param name="Forward">Of the opening, those that stood in a later stage afterwards, and what they were worth then.</param>
public sealed record ChangesView(PipelineSum Opening, IReadOnlyList<ChangePart> Parts, PipelineSum Closing, PipelineSum Forward, PipelineSum Back);

/// <summary>Money in yuan.</summary>
public sealed record PipelineSum(long Count, decimal Amount, decimal Weighted);

/// <param name="Part">As <see cref="GetChangedRows"/> takes it.</param>
/// <param name="Sign">Whether these came in (1), left (-1) or are of the opening and changed (0).</param>
/// <param name="Amount">What it adds to the opening's amount, below zero where it takes away; so does <paramref name="Weighted"/>.</param>
public sealed record ChangePart(string Part, int Sign, long Count, decimal Amount, decimal Weighted);

internal sealed class GetChangesHandler(IDb db, PipelineLedger ledger) : IQueryHandler<GetChanges, ChangesView>
{
    public async Task<ChangesView> Handle(GetChanges query, CancellationToken ct)
    {
        var cut = ledger.Cut(query.Kind, query.From, query.To, query.DepartmentId, query.OwnerId);
        var groups = await db.Query<Group>($"""
            select c.was, c.stands, c.came, c.went, c.shift, c.moved, count(*) as many, sum(c.amount0) as amount0, sum(c.amount1) as amount1, sum(c.weighted0) as weighted0, sum(c.weighted1) as weighted1
            from ({ledger.Rows(cut)}) c group by c.was, c.stands, c.came, c.went, c.shift, c.moved
            """, ct);
        PipelineSum After(Func<Group, bool> those) => Sum(groups.Where(those), g => g.Amount1, g => g.Weighted1);
        PipelineSum Part(string part, int sign) => sign switch
        {
            1 => After(g => g.Came == part),
            0 => Sum(groups.Where(g => g.Shift == part), g => g.Amount1 - g.Amount0, g => g.Weighted1 - g.Weighted0),
            _ => Sum(groups.Where(g => g.Went == part), g => -g.Amount1, g => -g.Weighted1),
        };
        return new(Sum(groups.Where(g => g.Was == 1), g => g.Amount0, g => g.Weighted0),
            [.. ChangeParts.Between.Select(p => Part(p.Code, p.Sign) is var s ? new ChangePart(p.Code, p.Sign, s.Count, s.Amount, s.Weighted) : null!)],
            After(g => g.Stands == 1), After(g => g.Moved == ChangeParts.Forward), After(g => g.Moved == ChangeParts.Back));
    }

    private static PipelineSum Sum(IEnumerable<Group> groups, Func<Group, long> amount, Func<Group, long> weighted)
    {
        var all = groups.ToList();
        return new(all.Sum(g => g.Many), all.Sum(amount) / 100m, all.Sum(weighted) / 100m);
    }

    private sealed record Group(long Was, long Stands, string? Came, string? Went, string? Shift, string? Moved, long Many, long Amount0, long Amount1, long Weighted0, long Weighted1);
}
