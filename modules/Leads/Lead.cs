using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads;

/// <summary>Someone who may want to buy, before it is known who and what (LEA-1).</summary>
internal sealed class Lead : Document
{
    public const string Open = "open", Following = "following", Converted = "converted", Invalid = "invalid";
    /// <summary>Whether there is a customer: not known, one that is there, a new one.</summary>
    public const string Nobody = "none", Found = "found", New = "new";

    public static readonly FixedValue[] States = [new(Open, "待跟进", "Open"), new(Following, "跟进中", "Following"), new(Converted, "已转化", "Converted"), new(Invalid, "无效", "Invalid")];

    public string Subject { get; set; } = "";
    public string? Initials { get; set; }
    public string Status { get; set; } = Open;
    public string? Source { get; set; }
    /// <summary>UTC.</summary>
    public DateTime? At { get; set; }
    public string? Content { get; set; }
    public string? WithCustomer { get; set; }
    public long? CustomerId { get; set; }
    public long? ContactId { get; set; }
    public string? Company { get; set; }
    /// <summary>The company's name as it is compared.</summary>
    public string? CompanyKey { get; set; }
    public string? ContactName { get; set; }
    public string? Post { get; set; }
    public string? Mobile { get; set; }
    public string? Phone { get; set; }
    public string? Email { get; set; }
    public string? Wechat { get; set; }
    public string? Region { get; set; }
    public string? Address { get; set; }
    public long? CampaignId { get; set; }
    /// <summary>The contact record it was made of.</summary>
    public long? RecordId { get; set; }
    public string? InvalidReason { get; set; }
    public string? InvalidNote { get; set; }
    public long? OpportunityId { get; set; }
    /// <summary>UTC; when it came to its owner.</summary>
    public DateTime? AssignedAt { get; set; }
    /// <summary>UTC; when it was converted or given up.</summary>
    public DateTime? EndedAt { get; set; }
    /// <summary>Days from <see cref="At"/> to the conversion.</summary>
    public decimal? ConvertDays { get; set; }
    /// <summary>UTC; told by the module that keeps contact records, as is the next.</summary>
    public DateTime? LastContactAt { get; set; }
    public DateTime? NextContactAt { get; set; }

    /// <summary>The campaign of what it is being made of, carried on whether or not its maker sees it; not kept.</summary>
    public long? Carried { get; set; }

    public bool IsOver => Status is Converted or Invalid;

    public string StatusText => States.First(s => s.Code == Status).Label;

    /// <summary>Whom to reach, as typed.</summary>
    public IReadOnlyList<string> Numbers => [.. new[] { Mobile, Phone }.OfType<string>()];

    /// <exception cref="RuleBroken">It stands elsewhere.</exception>
    public void MustBe(params string[] states)
    {
        if (!states.Contains(Status)) throw new RuleBroken($"线索现在是“{StatusText}”，不能这样处理。");
    }
}
