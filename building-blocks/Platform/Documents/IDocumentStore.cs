using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>What someone wants to write: values by field name, for a new record or an existing one.</summary>
/// <param name="Id">None to create.</param>
/// <param name="Version">The version seen; 0 takes whatever stands.</param>
public sealed record Draft(long? Id, long Version, IReadOnlyDictionary<string, object?> Values, IReadOnlySet<string>? Confirmed = null);

/// <summary>Whence drafts come, and what they may therefore set.</summary>
/// <param name="Imported">Part of an import.</param>
/// <param name="System">May set number, author and dates (administrators' imports).</param>
/// <param name="Batch">Only fields declared for batch changes.</param>
/// <param name="Undo">Puts back what stood before.</param>
/// <param name="Rowwise">A row that is gone or was changed since is told at the row; the others go on.</param>
public sealed record DraftKind(bool Imported = false, bool System = false, bool Batch = false, bool Undo = false, bool Rowwise = false);

/// <summary>A store without its record's class, for what works on all document types alike.</summary>
public interface IDocumentStore
{
    DocumentDefinition Definition { get; }

    /// <summary>Checks drafts without writing: parsing, field rules, references, the module's rules. Problems stand in each change.</summary>
    Task<IReadOnlyList<Change>> Prepare(IReadOnlyList<Draft> drafts, DraftKind kind, CancellationToken ct);

    /// <summary>Writes changes that <see cref="Prepare"/> found without errors.</summary>
    /// <exception cref="Conflict">A row was changed meanwhile.</exception>
    Task Write(IReadOnlyList<Change> changes, CancellationToken ct);

    /// <summary>What makes two rows of an import the same record.</summary>
    string? SameAs(Document record);

    /// <summary>A record the user may see.</summary>
    Task<Document?> Find(long id, bool bin, CancellationToken ct);

    /// <summary>Of these, the living records the user may see.</summary>
    Task<IReadOnlyList<Document>> Seen(IReadOnlyCollection<long> ids, CancellationToken ct);

    /// <summary>A living record that is seen by a condition over the alias <c>t</c> instead of the scope.</summary>
    Task<Document?> FindWhere(long id, Sql seen, CancellationToken ct);

    /// <summary>How far a record the user sees is open to the user.</summary>
    internal Task<RowRight> RightOn(Document record, CancellationToken ct);

    /// <summary>Living records by id, whoever may see them: for the platform's own work.</summary>
    Task<IReadOnlyList<Document>> AnyLiving(IReadOnlyCollection<long> ids, CancellationToken ct);

    /// <summary>The next living records in the order of ids, whoever may see them: for going through all.</summary>
    Task<IReadOnlyList<Document>> After(long id, int take, CancellationToken ct);

    /// <summary>Deletes, restores or purges rows; what can't be done stands in the changes' errors.</summary>
    Task<IReadOnlyList<Change>> PrepareMove(IReadOnlyList<RowRef> rows, ChangeKind kind, CancellationToken ct);

    /// <summary>Tells the type's rules that two records became one, or are two again.</summary>
    Task Merged(long stays, long lost, long operation, bool parted, CancellationToken ct);

    /// <summary>Sets the approval state (<see cref="ApprovalState"/>), whoever may see the row: for the approval engine.</summary>
    Task SetApproval(long id, string state, CancellationToken ct);

    /// <summary>Gives living rows other owners, whoever may see them: for acts that the caller has allowed as a whole, such as hand-over.</summary>
    Task<IReadOnlyList<Change>> PrepareOwner(IReadOnlyList<(long Id, long OwnerId)> rows, CancellationToken ct);
}
