namespace KuaipuCrm.Sdk;

/// <summary>An act over many rows (DOC-14).</summary>
/// <param name="Kind"><c>import change delete restore purge export undo</c> or a module's own.</param>
/// <param name="State"><c>waiting running done cancelled failed undone</c>.</param>
public sealed record OperationInfo(
    long Id, string Kind, string Label, string? Type, string Who, DateTime At, DateTime? EndedAt, string State,
    int Total, int Done, int Failed, string? Message, bool CanUndo, bool HasFile)
{
    /// <summary>In the reader's language.</summary>
    public string Label { get => Texts.Retell(field); } = Label;

    /// <summary>How it ended, in the reader's language.</summary>
    public string? Message { get => field is null ? null : Texts.Retell(field); } = Message;
}

/// <summary>The journal of acts over many rows, for modules' own: what is written within an act belongs to it and is undone with it (DOC-14).</summary>
public interface IOperations
{
    /// <summary>Opens an act within the running command.</summary>
    /// <param name="kind">Short, a module's own, e.g. <c>transfer</c>.</param>
    /// <param name="label">Chinese; at most 200 characters are kept.</param>
    Task<long> Begin(string kind, string label, string? type, int total, CancellationToken ct = default);

    /// <summary>Until it is disposed, all that is written in this scope belongs to the act.</summary>
    IDisposable Within(long operation);

    /// <summary>The act to which what is written now belongs; null where it is none.</summary>
    long? Running { get; }

    /// <summary>For handlers of events that carry an act: until it is disposed, what is written belongs to that act and is taken back with it. The act cannot be taken back meanwhile.</summary>
    /// <returns>Null where the act has been taken back: what it began is not gone on with.</returns>
    Task<IDisposable?> Join(long? operation, CancellationToken ct = default);

    /// <summary>Notes how far a long act is, within the running command.</summary>
    Task Progress(long operation, int done, CancellationToken ct = default);

    /// <summary>Closes the act within the running command.</summary>
    Task End(long operation, int done, IReadOnlyList<RowProblem> problems, string? message = null, CancellationToken ct = default);
}

/// <summary>The user's own operations, newest first; administrators see all.</summary>
public sealed record ListOperations(int Take = 50, bool Everyones = false) : IQuery<IReadOnlyList<OperationInfo>>;

/// <summary>How far an operation is.</summary>
public sealed record GetOperation(long Id) : IQuery<OperationInfo>;

/// <summary>Asks a running operation to stop; what is done stays done and can be undone.</summary>
public sealed record CancelOperation(long Id) : ICommand<Done>;

/// <summary>Takes a whole operation back. Rows changed since are listed and left.</summary>
public sealed record UndoOperation(long Id) : ICommand<BatchResult>;
