using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing;

/// <summary>A market campaign (MKT-1): whom it is for, what it costs, what is expected of it.</summary>
internal sealed class Campaign : Document
{
    public const string Draft = "draft", Approved = "approved", Running = "running", Completed = "done", Cancelled = "cancelled";

    public static readonly FixedValue[] States = [new(Draft, "草稿", "Draft"), new(Approved, "审核通过", "Approved"), new(Running, "进行中", "Running"), new(Completed, "已完成", "Completed"), new(Cancelled, "已取消", "Cancelled")];

    public string Name { get; set; } = "";
    public string? Initials { get; set; }
    public string? Type { get; set; }
    public string Status { get; set; } = Draft;
    public DateOnly? StartDate { get; set; }
    public DateOnly? EndDate { get; set; }
    public string? Place { get; set; }
    public string? Purpose { get; set; }
    public long? ExpectedLeads { get; set; }
    public long? ExpectedOpportunities { get; set; }
    public decimal? ExpectedAmount { get; set; }
    /// <summary>Sums of the budget's items, and of the products' planned sales.</summary>
    public decimal? Budget { get; set; }
    public decimal? Cost { get; set; }
    public decimal? PlannedSales { get; set; }
    /// <summary>UTC.</summary>
    public DateTime? StartedAt { get; set; }
    /// <summary>UTC; when it was completed or cancelled.</summary>
    public DateTime? EndedAt { get; set; }
    public string? CancelReason { get; set; }
    public string? Summary { get; set; }

    /// <summary>Completed and cancelled are final.</summary>
    public bool IsOver => Status is Completed or Cancelled;

    public string StatusText => States.First(s => s.Code == Status).Label;

    /// <exception cref="RuleBroken">It is over.</exception>
    public void MustLive()
    {
        if (IsOver) throw new RuleBroken($"市场活动已是“{StatusText}”，不能再修改。");
    }

    /// <exception cref="RuleBroken">It stands elsewhere, or is under approval.</exception>
    public void MustBe(params string[] states)
    {
        if (Approval == ApprovalState.Review) throw new RuleBroken("审核中，内容已冻结。撤回审核后才能修改。");
        if (!states.Contains(Status)) throw new RuleBroken($"市场活动现在是“{StatusText}”，不能这样处理。");
    }
}
