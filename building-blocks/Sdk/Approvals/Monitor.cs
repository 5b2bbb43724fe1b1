using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>Approvals of the whole company, as whoever looks after the flows sees them (SET-6).</summary>
/// <param name="State"><c>review</c>, or one of the ends: <c>approved rejected withdrawn returned</c>.</param>
/// <param name="UserId">Only those that wait for this user.</param>
/// <param name="Overdue">Only those past their time limit.</param>
[Action("审核监控", Permission, Route = "approvals/monitor", Help = "全公司的审核：停在哪一步、等谁、是否超时。看不到单据本身的人只看到编号。")]
public sealed record MonitorApprovals(string State = ApprovalState.Review, string? Type = null, long? UserId = null, bool Overdue = false, int Take = 50, long? BeforeId = null) : IQuery<IReadOnlyList<MonitoredApproval>>
{
    public const string Permission = "settings.flows.monitor";
}

/// <param name="Title">Null where the reader may not see the document.</param>
/// <param name="Waiting">Who is to decide now.</param>
public sealed record MonitoredApproval(long Id, string Type, string TypeLabel, string Number, string? Title, string Flow, string Step, string Submitter, DateTime At, DateTime? EndedAt, string State, IReadOnlyList<WaitingTask> Waiting);

/// <summary>A task nobody has dealt with yet.</summary>
public sealed record WaitingTask(long Id, long UserId, string Who, DateTime Since, DateTime? DueAt);

/// <summary>Gives an open task to someone else, whoever holds it.</summary>
[Action("改派审核", MonitorApprovals.Permission, Route = "approval-tasks/{taskId}/reassign", Help = "把还没有处理的审核任务改派给另一位在职的同事。")]
public sealed record ReassignTask(long TaskId, [Label("改派给", Of = "user")] long UserId, [Label("原因"), MaxLength(500)] string? Note = null) : ICommand<Done>;

/// <summary>Reminds all who are to decide now; at most once in ten minutes.</summary>
[Action("催办", MonitorApprovals.Permission, Route = "approvals/{id}/urge", Help = "提醒当前的审核人；十分钟内只提醒一次。")]
public sealed record UrgeApproval(long Id) : ICommand<Done>;

/// <summary>Ends an approval that can't go on; the document is as if withdrawn.</summary>
[Action("终止审核", MonitorApprovals.Permission, Route = "approvals/{id}/stop", Help = "终止无法继续的审核，单据回到可修改的状态，原因记入审核记录。", Example = "{\"note\":\"流程有误\"}")]
public sealed record StopApproval(long Id, [Label("原因"), Required, MaxLength(500)] string Note) : ICommand<Done>;
