namespace KuaipuCrm.Sdk;

/// <summary>Makes one document of two (CUS-6). Everything tied to either follows in one journaled act: fields declared as references, in all modules; tables declared as <see cref="DocumentTie"/>; comments, files, shares.
/// Undone by <see cref="UndoOperation"/>. The lost one goes to the recycle bin; its history is read with that of the one that stays.</summary>
public interface IMerging
{
    /// <summary>The fields to choose between: those a user may set after creation.</summary>
    IReadOnlyList<FieldDefinition> Choices(string type);

    /// <summary>How much is tied to each of the two, whoever may see it: numbers, nothing of the contents. What neither has is left out.</summary>
    Task<IReadOnlyList<MergeCount>> Count(string type, long stays, long lost, CancellationToken ct = default);

    /// <summary>Merges within the running command. The type's rules hear of it (<see cref="IDocumentRule{T}.Merged"/>).</summary>
    /// <exception cref="NotFound">One of the two is not there for the user.</exception>
    /// <exception cref="NotAllowed">One of the two is only shared with the user.</exception>
    /// <exception cref="Conflict">One of the two was changed, merged or deleted since it was seen.</exception>
    Task<Merged> Merge(string type, MergePlan plan, CancellationToken ct = default);

    /// <summary>Takes along what was tied to the lost one by others in the moment of the merge. To be called some time after it; does nothing once the merge was undone.</summary>
    Task<int> Sweep(long operation, CancellationToken ct = default);
}

/// <param name="StaysVersion">As seen.</param>
/// <param name="LostVersion">As seen.</param>
/// <param name="FromLost">Names of the fields whose value comes from the lost one; the others keep theirs.</param>
public sealed record MergePlan(long Stays, long StaysVersion, long Lost, long LostVersion, IReadOnlyList<string> FromLost);

/// <param name="Label">What it is, e.g. 联系人 or 附件; Chinese.</param>
/// <param name="Stays">How many the one that stays has.</param>
/// <param name="Lost">How many the other brings.</param>
public sealed record MergeCount(string Label, long Stays, long Lost)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.Retell(field); } = Label;
}

/// <param name="Moved">Rows tied to the lost one that now are tied to the one that stays.</param>
public sealed record Merged(long OperationId, int Moved);
