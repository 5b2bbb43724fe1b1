namespace KuaipuCrm.Sdk;

/// <summary>All that is kept about one person, and its erasure (个人信息保护法, CUS-20).</summary>
public interface IPersonalData
{
    /// <summary>What is kept in and about a document, in full; each time is written into its history.</summary>
    /// <exception cref="NotFound">None the user may see.</exception>
    Task<PersonalRecord> Collect(string type, long id, CancellationToken ct = default);

    /// <summary>Sets these values, and takes what stood in their fields out of the history, the search, the frozen contents of approvals; removes comments, files and the texts of messages about the document.
    /// What remains is that it was done, when, by whom and why. Can't be undone.</summary>
    /// <param name="values">By field name: null for nothing, a placeholder where the field is required.</param>
    /// <param name="reason">Who asked, how; at most 200 characters.</param>
    /// <exception cref="NotAllowed">The document is only shared with the user.</exception>
    Task Erase(string type, long id, IReadOnlyDictionary<string, object?> values, string reason, CancellationToken ct = default);
}

/// <param name="Kind">Chinese name of the document type.</param>
/// <param name="Values">Label of the field → value as people read it; empty fields are left out.</param>
/// <param name="Ties">Documents that refer to it, as far as the user may see them.</param>
/// <param name="OutOfSight">How many more refer to it that the user may not see.</param>
public sealed record PersonalRecord(string Kind, string Number, string Title, IReadOnlyDictionary<string, string> Values, IReadOnlyList<PersonalTie> Ties, long OutOfSight,
    IReadOnlyList<PersonalNote> Comments, IReadOnlyList<string> Files, IReadOnlyList<PersonalUse> Uses);

public sealed record PersonalTie(string Kind, string Number, string Title, DateTime CreatedAt);

public sealed record PersonalNote(DateTime At, string Who, string Text);

/// <summary>Who did what with it: changes, views, exports.</summary>
public sealed record PersonalUse(DateTime At, string Who, string What, IReadOnlyList<FieldChange> Changes);
