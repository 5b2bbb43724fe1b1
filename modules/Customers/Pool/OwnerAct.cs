namespace KuaipuCrm.Customers.Pool;

/// <summary>Why owners change in the running command: said by the act, written into the log by the rule that sees the change.</summary>
internal sealed class OwnerAct
{
    public const string Lock = "lock", Assign = "assign", Transfer = "transfer", Release = "release", Auto = "auto", Undo = "undo";

    /// <summary>One of the constants; null where a document was simply saved.</summary>
    public string? Kind { get; set; }
    public string? Reason { get; set; }
    public long? RuleId { get; set; }
    /// <summary>What is tied to the customer in other modules goes along.</summary>
    public bool Along { get; set; }
}
