using KuaipuCrm.Opportunities.Stages;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Changes;

/// <summary>The opportunities behind a number of the change report, the largest first.</summary>
[Action("商机变化明细", OpportunitiesModule.Read, Route = "changes/rows", Help = "商机变化中一个数字背后的商机：part 为 opening 期初、closing 期末、forward 推进、back 回退，或 changes 给出的各部分；金额大的在前。")]
public sealed record GetChangedRows([Label("从哪一天")] DateOnly? From = null, [Label("到哪一天")] DateOnly? To = null, [Label("哪一部分")] string Part = ChangeParts.Opening, [Label("商机类型：ordinary 普通，bid 投标；不给则全部")] string? Kind = null,
    [Label("部门（含下级）的编号")] long? DepartmentId = null, [Label("负责人的编号")] long? OwnerId = null, [Label("最多几个，1 到 200")] int Take = 50, [Label("跳过几个")] int Skip = 0) : IQuery<IReadOnlyList<ChangedRow>>;

/// <param name="Before">How it stood at the end of the first day; null where it was not there yet.</param>
/// <param name="Deleted">It has no page any more.</param>
public sealed record ChangedRow(long Id, string Number, string Name, string Customer, bool Deleted, ChangedState? Before, ChangedState? After);

/// <param name="Status">Also <c>deleted</c>.</param>
/// <param name="Amount">Yuan; so is <paramref name="Weighted"/>.</param>
public sealed record ChangedState(string Status, string Stage, string? Owner, decimal Amount, decimal Weighted);

internal sealed class GetChangedRowsHandler(IDb db, PipelineLedger ledger, StageBook stages, IDocumentDirectory directory, IOrganization organization) : IQueryHandler<GetChangedRows, IReadOnlyList<ChangedRow>>
{
    public async Task<IReadOnlyList<ChangedRow>> Handle(GetChangedRows query, CancellationToken ct)
    {
        var cut = ledger.Cut(query.Kind, query.From, query.To, query.DepartmentId, query.OwnerId);
        if (!ChangeParts.All.Contains(query.Part)) throw new Invalid("part", "商机变化没有这一部分。");
        Sql part = query.Part switch
        {
            ChangeParts.Opening => $"c.was = 1",
            ChangeParts.Closing => $"c.stands = 1",
            var p => $"(c.came = {p} or c.went = {p} or c.shift = {p} or c.moved = {p})",
        };
        var rows = await db.Query<Row>($"""
            select c.id, c.number, c.name, c.customer_id, c.deleted_at, c.status0, c.status1, c.stage0, c.stage1, c.owner0, c.owner1, c.amount0, c.amount1, c.weighted0, c.weighted1
            from ({ledger.Rows(cut)}) c where {part} order by c.amount1 desc, c.id {db.Dialect.Page(Math.Clamp(query.Take, 1, 200), Math.Max(0, query.Skip))}
            """, ct);
        var customers = (await directory.Find([.. rows.Select(r => r.CustomerId).Distinct()], ct)).ToDictionary(e => e.Id, e => e.Title);
        var names = new Dictionary<long, string>();
        foreach (var id in rows.SelectMany(r => new[] { r.Stage0, r.Stage1 }).OfType<long>().Distinct()) names[id] = (await stages.Find(id, ct))?.Name ?? "";
        ChangedState? State(string? status, long? stage, long? owner, long amount, long weighted) =>
            status is null ? null : new(status, names.GetValueOrDefault(stage ?? 0, ""), owner is { } o ? organization.Person(o)?.Name : null, amount / 100m, weighted / 100m);
        return [.. rows.Select(r => new ChangedRow(r.Id, r.Number, r.Name, customers.GetValueOrDefault(r.CustomerId, ""), r.DeletedAt is not null,
            State(r.Status0, r.Stage0, r.Owner0, r.Amount0, r.Weighted0), State(r.Status1, r.Stage1, r.Owner1, r.Amount1, r.Weighted1)))];
    }

    private sealed record Row(long Id, string Number, string Name, long CustomerId, DateTime? DeletedAt, string? Status0, string? Status1, long? Stage0, long? Stage1, long? Owner0, long? Owner1, long Amount0, long Amount1, long Weighted0, long Weighted1);
}
