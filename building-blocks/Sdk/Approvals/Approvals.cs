using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>An approval has ended. The module of the document decides what that means for its business status.</summary>
/// <param name="State">One of <see cref="ApprovalState"/>: approved, rejected or withdrawn.</param>
public sealed record ApprovalEnded(long DocumentId, string Type, long ApprovalId, string State) : IIntegrationEvent;

/// <summary>Submits a document for approval: its content is frozen until the end.</summary>
/// <param name="CopyTo">Users told of it once it is approved, besides those of the flow; they see the document from then on, as those do. Whoever may not share it names only those who see it anyway.</param>
/// <returns>The approval's id.</returns>
public sealed record SubmitDocument(string Type, long Id, long Version, string? Note = null, IReadOnlyList<long>? CopyTo = null) : ICommand<long>, IOnDocuments
{
    public string? Right => DocumentRight.Update;
}

/// <summary>Takes a submitted document back, by who submitted it.</summary>
public sealed record WithdrawDocument(string Type, long Id) : ICommand<Done>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>What an approver does with a task.</summary>
public enum Decision
{
    Approve,
    Reject,
    /// <summary>Back to an earlier step, or to the submitter.</summary>
    Return,
    /// <summary>Someone else decides instead.</summary>
    Delegate,
    /// <summary>Someone else decides first.</summary>
    AddBefore,
    /// <summary>Approves, and asks someone else after oneself.</summary>
    AddAfter,
}

/// <summary>Carries a decision out. Of several who click at once in a step where one is enough, one counts.</summary>
/// <param name="UserId">For delegating and adding.</param>
/// <param name="ToStep">For returning: the step, from 0; null: the submitter.</param>
[Action("审核", Permissions.SignedIn, Route = "approval-tasks/{taskId}/decide")]
public sealed record Decide(long TaskId, Decision Decision, [Label("意见"), MaxLength(500)] string? Note = null, long? UserId = null, int? ToStep = null) : ICommand<Done>;

/// <summary>Approves or rejects several tasks; what can't be is told.</summary>
[Action("批量审核", Permissions.SignedIn, Route = "approval-tasks/decide")]
public sealed record DecideMany(IReadOnlyList<long> TaskIds, Decision Decision, [Label("意见"), MaxLength(500)] string? Note = null) : ICommand<IReadOnlyList<RowProblem>>;

/// <summary>The user's lists: <c>waiting</c> 待我审核, <c>decided</c> 我已审核, <c>submitted</c> 我提交的, <c>copied</c> 抄送我的.</summary>
[Action("我的审核", Permissions.SignedIn, Route = "approvals")]
public sealed record ListApprovals(string List = "waiting", int Take = 50, long? BeforeId = null) : IQuery<IReadOnlyList<ApprovalRow>>;

/// <param name="TaskId">The user's task in it; null for the submitter.</param>
public sealed record ApprovalRow(long Id, long? TaskId, long DocumentId, string Type, string TypeLabel, string Number, string Title, string Flow, string Step, string Submitter, DateTime At, DateTime? DueAt, string State, DateTime? EndedAt);

/// <summary>How many wait for the user.</summary>
[Action("待我审核的数量", Permissions.SignedIn, Route = "approvals/count")]
public sealed record CountApprovals : IQuery<int>;

/// <summary>One approval as its participants see it: the frozen content, what changed since the last approval, the trail.</summary>
[Action("审核详情", Permissions.SignedIn, Route = "approvals/{id}")]
public sealed record GetApproval(long Id) : IQuery<ApprovalView>;

/// <param name="Values">The frozen content as people read it.</param>
/// <param name="Changed">Against what was approved last; empty for a first approval.</param>
/// <param name="TaskId">The user's open task; null where nothing is to be decided.</param>
public sealed record ApprovalView(long Id, long DocumentId, string Type, string TypeLabel, string Number, string Title, string Flow, string State, string Submitter, DateTime At, DateTime? EndedAt, string? Note,
    IReadOnlyList<KeyValuePair<string, string>> Values, IReadOnlyList<FieldChange> Changed, IReadOnlyList<string> Steps, int Step, IReadOnlyList<TrailEntry> Trail, long? TaskId, bool MayWithdraw, string? Url);

/// <param name="For">Where someone stood in, or was asked instead: for whom.</param>
public sealed record TrailEntry(long TaskId, string Step, string Who, string? For, string State, DateTime? At, DateTime? DueAt, string? Note);

/// <summary>All approvals of a document, newest first: its trail.</summary>
public sealed record ListTrail(string Type, long Id) : IQuery<IReadOnlyList<ApprovalView>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Whether the document has to be approved before it goes on: a flow fits it, whoever asks, and it is neither approved nor under approval.</summary>
public sealed record NeedsApproval(string Type, long Id) : IQuery<bool>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Whether a flow would take the document now, handed in by the asking user.</summary>
public sealed record MaySubmit(string Type, long Id) : IQuery<bool>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>Someone decides in the user's place while away (委托办理).</summary>
/// <param name="UserId">None: nobody any more.</param>
/// <param name="Waiting">What waits already goes over at once, too.</param>
[Action("设置委托办理", Permissions.SignedIn, Route = "stand-in")]
public sealed record SetStandIn(long? UserId, DateOnly? From = null, DateOnly? To = null, [Label("已在等待的审核也一并交给他")] bool Waiting = false) : ICommand<Done>;

[Action("委托办理", Permissions.SignedIn, Route = "stand-in", OrNothing = true)]
public sealed record GetStandIn : IQuery<StandIn?>;

/// <param name="From">First day, in the account set's zone.</param>
/// <param name="To">Last day; null: until taken back.</param>
public sealed record StandIn(long UserId, string Name, DateOnly From, DateOnly? To);
