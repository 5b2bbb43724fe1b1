using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Approvals;

/// <summary>Approvals that wait for someone who leaves go to the heir; what the heir may not decide stays and is seen by whoever looks after the flows.</summary>
internal sealed class ApprovalsHandOver(Db db, ApprovalEngine engine) : IHandsOver
{
    public string Name => "approvals";
    public string Label => "待审核的单据";

    public Task<long> Count(long personId, CancellationToken ct) => db.First<long>($"select count(*) from platform.approval_task where user_id = {personId} and state in ('open', 'waiting')", ct);

    /// <returns>The approvals whose task was moved.</returns>
    public async Task<IReadOnlyList<long>> Move(long from, long to, IReadOnlyCollection<long>? only, CancellationToken ct)
    {
        var tasks = await db.Query<Waiting>($"select id, approval_id from platform.approval_task where user_id = {from} and state in ('open', 'waiting') {Sql.When(only is not null, $"and {db.Dialect.In(Sql.Trusted("approval_id"), only ?? [])}")} order by id", ct);
        var moved = new List<long>();
        foreach (var task in tasks)
            try
            {
                await engine.Reassign(task.Id, to, "离职交接", ct);
                moved.Add(task.ApprovalId);
            }
            catch (Exception e) when (e is Invalid or RuleBroken or NotFound)
            {
                // Ended meanwhile, or the heir is among its approvers already, or submitted it.
            }
        return moved;
    }

    private sealed record Waiting(long Id, long ApprovalId);
}
