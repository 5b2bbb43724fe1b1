using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>The states of an approval (DOC-9), kept apart from a document's business status; null: never submitted.</summary>
public static class ApprovalState
{
    public const string Draft = "draft";
    public const string Review = "review";
    public const string Approved = "approved";
    public const string Rejected = "rejected";
    public const string Withdrawn = "withdrawn";
}

/// <summary>Who is asked in a step.</summary>
public enum ApproverKind
{
    /// <summary>The named users.</summary>
    Users,
    /// <summary>All who hold one of the roles.</summary>
    Role,
    /// <summary>All who hold one of the posts.</summary>
    Post,
    /// <summary>The submitter's superior; with levels, the superior's superior and so on.</summary>
    Superior,
    /// <summary>The manager of the submitter's department; with levels, of the department above and so on.</summary>
    DepartmentManager,
}

/// <summary>How the approvers of one step share it.</summary>
public enum StepMode
{
    /// <summary>One is enough.</summary>
    Any,
    /// <summary>All must approve, in any order.</summary>
    All,
    /// <summary>All must approve, one after another.</summary>
    Sequence,
}

/// <summary>What happens in a step for which nobody is found.</summary>
public enum NobodyRule
{
    Administrators,
    Pass,
    Person,
}

/// <summary>What happens when the submitter would have to approve.</summary>
public enum SubmitterRule
{
    Superior,
    Pass,
    Ask,
}

/// <summary>One step of a flow.</summary>
/// <param name="Ids">Users, roles or posts, by <paramref name="By"/>.</param>
/// <param name="Levels">For superiors and department managers, from 1.</param>
/// <param name="Hours">Time limit in hours; reminded at its end and then daily. Null: none.</param>
/// <param name="Conditions">The step is left out unless the document meets all of them.</param>
public sealed record FlowStep(string Name, ApproverKind By, IReadOnlyList<long>? Ids = null, int Levels = 1, StepMode Mode = StepMode.Any, int? Hours = null, IReadOnlyList<Filter>? Conditions = null);

/// <summary>An approval flow as it is set up (SET-6).</summary>
/// <param name="Conditions">On declared fields; all must hold for the flow to be used.</param>
/// <param name="Departments">Only for submitters of these departments or below; none: for all.</param>
/// <param name="SkipRepeated">Who approved in an earlier step is not asked again.</param>
/// <param name="CopyTo">Users told of it once it is approved.</param>
public sealed record FlowDefinition(IReadOnlyList<FlowStep> Steps, IReadOnlyList<Filter>? Conditions = null, IReadOnlyList<long>? Departments = null, NobodyRule Nobody = NobodyRule.Administrators,
    long? NobodyUser = null, SubmitterRule Submitter = SubmitterRule.Superior, bool SkipRepeated = true, IReadOnlyList<long>? CopyTo = null);

/// <param name="Running">Approvals under way by this flow, in whatever version.</param>
public sealed record FlowInfo(long Id, string Type, string Name, bool Enabled, int Position, int Version, int Running, FlowDefinition Definition);

/// <summary>The flows of all types, in the order in which they are tried.</summary>
[Action("审核流程列表", "settings.flows.manage", Route = "flows")]
public sealed record ListFlows : IQuery<IReadOnlyList<FlowInfo>>;

/// <summary>Sets a flow up or changes it. Running approvals keep the version they began with.</summary>
/// <param name="Id">None for a new one.</param>
/// <param name="Position">Smaller ones are tried first.</param>
[Action("保存审核流程", "settings.flows.manage", Route = "flows")]
public sealed record SaveFlow(string Type, [Label("名称"), Required, MaxLength(60)] string Name, FlowDefinition Definition, long? Id = null, bool Enabled = true, int Position = 100, int Version = 0) : ICommand<long>;

/// <summary>Takes a flow away; running approvals go on.</summary>
[Action("删除审核流程", "settings.flows.manage", Route = "flows/{id}/delete")]
public sealed record DeleteFlow(long Id) : ICommand<Done>;

/// <summary>Tries a flow on a real document without submitting it: who would be asked, and why.</summary>
[Action("试算审核流程", "settings.flows.manage", Route = "flows/try")]
public sealed record TryFlow(string Type, long DocumentId, FlowDefinition Definition, long? SubmitterId = null) : ICommand<FlowTrial>, IAllowedWhileSeeingAs;

/// <param name="Applies">Whether the flow's conditions hold for this document and submitter.</param>
public sealed record FlowTrial(bool Applies, string Why, IReadOnlyList<TriedStep> Steps)
{
    /// <summary>In the reader's language.</summary>
    public string Why { get => Texts.Retell(field); } = Why;
}

/// <param name="Why">In Chinese: how the approvers were found, or why the step is passed.</param>
public sealed record TriedStep(string Name, IReadOnlyList<string> Approvers, string Why)
{
    /// <summary>In the reader's language.</summary>
    public string Why { get => Texts.Retell(field); } = Why;
}
