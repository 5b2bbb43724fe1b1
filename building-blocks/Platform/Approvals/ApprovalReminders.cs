using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Approvals;

/// <summary>Reminds approvers whose time has run out: at once, and then every day; each time once, on however many hosts.</summary>
internal sealed class ApprovalReminders(Db db, IMessages messages, TimeProvider clock) : IJob
{
    public async Task<string?> Run(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var yesterday = now.AddDays(-1);
        var reminded = 0;
        foreach (var due in await db.Query<Due>($"""
            select t.id, t.user_id, t.approval_id, d.title from platform.approval_task t join platform.approval a on a.id = t.approval_id join platform.document d on d.id = a.document_id
            where t.state = 'open' and t.due_at <= {now} and (t.reminded_at is null or t.reminded_at <= {yesterday}) order by t.id {db.Dialect.Page(500)}
            """, ct))
            reminded += await db.Unit(async () =>
            {
                // Whoever marks it first reminds.
                if (await db.Execute($"update platform.approval_task set reminded_at = {now} where id = {due.Id} and state = 'open' and (reminded_at is null or reminded_at <= {yesterday})", ct) == 0) return 0;
                await messages.SendTo([due.UserId], "reminder", $"“{due.Title}”的审核已超过时限，请尽快处理。", $"/approvals/{due.ApprovalId}", ct);
                return 1;
            }, ct);
        return reminded == 0 ? null : $"提醒了 {reminded} 人。";
    }

    private sealed record Due(long Id, long UserId, long ApprovalId, string Title);
}
