namespace KuaipuCrm.Sdk;

/// <summary>The logs: sign-ins, acts of users, changes of settings and rights (SET-13); append-only.</summary>
/// <param name="Kind"><c>signin</c>, <c>operation</c> or <c>audit</c>.</param>
/// <param name="From">First day, in the account set's time zone.</param>
/// <param name="To">Last day.</param>
/// <param name="Text">In what was done, login or address.</param>
/// <param name="BeforeId">From the last entry seen, for the next page.</param>
public sealed record ListLog(string Kind, DateOnly? From = null, DateOnly? To = null, long? UserId = null, string? Text = null, string? Result = null, long? BeforeId = null, int Take = 50) : IQuery<IReadOnlyList<LogEntry>>, INeedsPermission
{
    public string Permission => "settings.log.read";
}

public sealed record LogEntry(long Id, DateTime At, string Who, string? SeenBy, string? Login, string Address, string Label, string Result)
{
    public string Label { get => Texts.Retell(field); } = Label;
    public string Result { get => Texts.Retell(field); } = Result;
    /// <summary>What there is to say beyond that: what it was about, why it was refused, how far a token reaches. In the reader's language already.</summary>
    public string? Details { get; init; }
}

/// <summary>A platform message that needs a module's permission.</summary>
public interface INeedsPermission
{
    string Permission { get; }
}
