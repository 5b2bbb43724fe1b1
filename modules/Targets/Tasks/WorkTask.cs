using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Something one person gives another, or oneself, to do (计划任务, TGT-5). The owner is who does it.</summary>
internal sealed class WorkTask : Document
{
    /// <summary>Given, not yet accepted; at work; reported as done, to be checked; over; sent back; called off.</summary>
    public const string Assigned = "assigned", Doing = "doing", Reported = "reported", Closed = "closed", Refused = "refused", Cancelled = "cancelled";

    public const string Once = "none", Daily = "daily", Weekly = "weekly", Monthly = "monthly";

    public string Subject { get; set; } = "";
    public string? Initials { get; set; }
    public string? Content { get; set; }
    public long? AssignerId { get; set; }
    public string? Priority { get; set; }
    public DateOnly? Deadline { get; set; }
    public string? Status { get; set; }
    /// <summary>Per cent.</summary>
    public long? Progress { get; set; }
    public long? DocumentId { get; set; }
    public string? RepeatBy { get; set; }
    public DateOnly? RepeatUntil { get; set; }
    public DateTime? ClosedAt { get; set; }
    /// <summary>The recurring task it was made of.</summary>
    public long? SeriesId { get; set; }

    public bool IsOver => Status is Closed or Cancelled;

    /// <summary>Given to oneself: nobody to ask.</summary>
    public bool IsOwn => AssignerId == OwnerId;

    /// <summary>Moves on from one of the given states, by one of two people.</summary>
    /// <exception cref="RuleBroken">It stands elsewhere, or it is someone else's to do.</exception>
    public void Step(bool may, string whoLabel, string to, params string[] from)
    {
        if (!from.Contains(Status)) throw new RuleBroken($"任务现在是“{StatusText}”，不能这样处理。");
        if (!may) throw new RuleBroken($"只有{whoLabel}可以这样处理。");
        Status = to;
    }

    public string StatusText => States.FirstOrDefault(s => s.Code == Status)?.Label ?? "";

    public static readonly FixedValue[] States =
        [new(Assigned, "待接受", "To accept"), new(Doing, "进行中", "In progress"), new(Reported, "待检查", "To check"), new(Closed, "已完成", "Done"), new(Refused, "已退回", "Sent back"), new(Cancelled, "已取消", "Called off")];

    /// <summary>The first turn behind a day, reckoned from the first one each time: the 31st is the 31st again after a shorter month.</summary>
    public static DateOnly? Next(string? by, DateOnly first, DateOnly behind)
    {
        var months = (behind.Year - first.Year) * 12 + behind.Month - first.Month;
        return by switch
        {
            Daily => behind.AddDays(1),
            Weekly => behind.AddDays(7 - (behind.DayNumber - first.DayNumber) % 7),
            Monthly => first.AddMonths(months) is var turn && turn > behind ? turn : first.AddMonths(months + 1),
            _ => null,
        };
    }
}
