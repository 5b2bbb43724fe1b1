using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities;

/// <summary>A deal in prospect, ordinary or by bid (OPP-1).</summary>
internal sealed class Opportunity : Document
{
    public const string Ordinary = "ordinary", Bid = "bid";
    public const string Draft = "draft", Running = "running", Paused = "paused", Won = "won", Invalid = "invalid";

    public static readonly FixedValue[] Kinds = [new(Ordinary, "普通", "Ordinary"), new(Bid, "投标", "Bid")];
    public static readonly FixedValue[] States = [new(Draft, "草稿", "Draft"), new(Running, "进行中", "Running"), new(Paused, "暂缓", "Paused"), new(Won, "商机成功", "Won"), new(Invalid, "商机无效", "Invalid")];

    public string Name { get; set; } = "";
    public string? Initials { get; set; }
    public string Kind { get; set; } = Ordinary;
    public long? CustomerId { get; set; }
    /// <summary>The main contact; all who matter are <see cref="Parts.Stakeholder"/>s.</summary>
    public long? ContactId { get; set; }
    public string Status { get; set; } = Draft;
    public long? StageId { get; set; }
    /// <summary>UTC.</summary>
    public DateTime? StageSince { get; set; }
    /// <summary>The last day it should stand in its stage; null where no stay is expected, or it isn't running.</summary>
    public DateOnly? StageDue { get; set; }
    /// <summary>Place in the order of the highest stage ever reached.</summary>
    public long? Furthest { get; set; }
    /// <summary>Per cent.</summary>
    public long? Probability { get; set; }
    public decimal? Amount { get; set; }
    /// <summary>Amount by probability.</summary>
    public decimal? Weighted { get; set; }
    /// <summary>Sum of the product lines.</summary>
    public decimal? LinesAmount { get; set; }
    public DateOnly? SignDate { get; set; }
    public string? Source { get; set; }
    public long? CampaignId { get; set; }
    public long? LeadId { get; set; }
    /// <summary>The contact record it was made of.</summary>
    public long? RecordId { get; set; }
    public string? Remarks { get; set; }
    public decimal? Investment { get; set; }
    public string? BidPlace { get; set; }
    public DateOnly? BidStart { get; set; }
    public DateOnly? BidEnd { get; set; }
    public DateOnly? ImplementOn { get; set; }
    public decimal? BidBond { get; set; }
    public string? PauseReason { get; set; }
    public string? PauseNote { get; set; }
    public DateOnly? WakeOn { get; set; }
    /// <summary>UTC.</summary>
    public DateTime? ClosedAt { get; set; }
    public string? LossReason { get; set; }
    /// <summary>The competitor who won it.</summary>
    public long? WinnerId { get; set; }
    public string? CloseNote { get; set; }
    /// <summary>The stage it goes to once that is approved.</summary>
    public long? PendingStageId { get; set; }
    public string? PendingProgress { get; set; }
    public string? PendingNext { get; set; }
    /// <summary>UTC; told by the module that keeps contact records, as is the next.</summary>
    public DateTime? LastContactAt { get; set; }
    public DateTime? NextContactAt { get; set; }
    /// <summary>How it stands with the best of its <see cref="Registrations.Registration"/>s; null where there is none.</summary>
    public string? Registration { get; set; }

    /// <summary>Lead and campaign of what it is being made of, carried on whether or not its maker sees them; not kept.</summary>
    public (long? LeadId, long? CampaignId) Carried { get; set; }

    /// <summary>Won and invalid are final.</summary>
    public bool IsOver => Status is Won or Invalid;

    public string StatusText => States.First(s => s.Code == Status).Label;

    /// <exception cref="RuleBroken">It stands elsewhere, or is under approval.</exception>
    public void MustBe(params string[] states)
    {
        if (Approval == ApprovalState.Review) throw new RuleBroken("审核中，内容已冻结。撤回审核后才能修改。");
        if (!states.Contains(Status)) throw new RuleBroken($"商机现在是“{StatusText}”，不能这样处理。");
    }
}
