using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers;

/// <summary>A company or a person one does business with (CUS-1).</summary>
internal sealed class Customer : Document
{
    public const string Company = "company", Person = "person";
    /// <summary>The customer type of those one competes with.</summary>
    public const string Competitor = "competitor";

    public string Nature { get; set; } = Company;
    public string Name { get; set; } = "";
    public string? ShortName { get; set; }
    public string? Initials { get; set; }
    public string? CreditCode { get; set; }
    public string? CustomerType { get; set; }
    public string? TradeRole { get; set; }
    public string? Industry { get; set; }
    public string? Region { get; set; }
    public string? Address { get; set; }
    public string? Phone { get; set; }
    public string? Website { get; set; }
    public string? Email { get; set; }
    public string? Source { get; set; }
    public string? Level { get; set; }
    public string? Status { get; set; }
    public string? PriceKind { get; set; }
    public long? ParentId { get; set; }
    public string? Remarks { get; set; }
    /// <summary>A key customer (重点客户) of its owner; another owner decides anew.</summary>
    public bool IsKey { get; set; }
    /// <summary>The name in its comparison form; see <see cref="CompanyName"/>.</summary>
    public string? NameKey { get; set; }
    /// <summary>How the name in its comparison form sounds; null where that is too short to mean anything.</summary>
    public string? NameSound { get; set; }
    /// <summary>Of website or e-mail, where it is the company's own.</summary>
    public string? Domain { get; set; }
    /// <summary>The pool it lies in while it is open, and came from while it is locked (CUS-9).</summary>
    public long? PoolId { get; set; }
    /// <summary>Since when the owner has it, UTC; null while it is open.</summary>
    public DateTime? LockedAt { get; set; }
    /// <summary>Since when nobody has it, UTC; null while it is locked.</summary>
    public DateTime? OpenedAt { get; set; }
    /// <summary>Not released by rule up to this day (CUS-21).</summary>
    public DateOnly? ProtectedUntil { get; set; }
    public string? ProtectReason { get; set; }
    /// <summary>UTC; told by the module that keeps contact records, as are the next two.</summary>
    public DateTime? LastContactAt { get; set; }
    public DateTime? NextContactAt { get; set; }
    public long? ContactCount { get; set; }
    /// <summary>The later of locked and last contacted, UTC.</summary>
    public DateTime? IdleSince { get; set; }
    /// <summary>A person customer's own contact record (CUS-3).</summary>
    public long? PersonContactId { get; set; }
}
