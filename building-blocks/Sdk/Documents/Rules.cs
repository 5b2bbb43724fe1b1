namespace KuaipuCrm.Sdk;

/// <summary>What happens to a record.</summary>
public enum ChangeKind
{
    Create,
    Update,
    Delete,
    Restore,
    Purge,
}

/// <summary>A change of one record on its way to the database.</summary>
public abstract class Change
{
    public required ChangeKind Kind { get; init; }
    /// <summary>Codes of warnings the user has looked at and confirmed.</summary>
    public IReadOnlySet<string> Confirmed { get; init; } = new HashSet<string>();
    public List<FieldError> Errors { get; } = [];
    public List<Warning> Warnings { get; } = [];
    /// <summary>As it shall stand.</summary>
    public abstract Document Record { get; }
    /// <summary>As it stood; null on creation.</summary>
    public abstract Document? Former { get; }
    /// <summary>Part of an import: rules answer with errors where a person would be asked.</summary>
    public bool Imported { get; init; }
    /// <summary>Takes an earlier change back: what stood before may stand again, though its owner has left or its dictionary entry is disabled since.</summary>
    public bool Undone { get; init; }

    /// <summary>Refuses the change; the message is shown at the field.</summary>
    public void Refuse(string field, Phrase message) => Errors.Add(new(field, message));

    /// <summary>Holds the change back until the user confirms.</summary>
    public void Warn(string code, string field, Phrase message, IReadOnlyList<string>? details = null)
    {
        if (!Confirmed.Contains(code)) Warnings.Add(new(code, field, message, details ?? []));
    }
}

/// <summary>A change as the rules of its type see it.</summary>
public sealed class Change<T> : Change where T : Document
{
    /// <summary>As it stood; null on creation.</summary>
    public T? Before { get; init; }
    /// <summary>As it shall stand; rules may set derived values in <see cref="IDocumentRule{T}.Before"/>.</summary>
    public required T Now { get; init; }
    public override Document Record => Now;
    public override Document? Former => Before;
}

/// <summary>A module's own rules around the saving of its records. Found by scan. Works on batches, so that an import of 100,000 rows asks the database rarely.</summary>
public interface IDocumentRule<T> where T : Document
{
    /// <summary>What makes two rows of an import the same record; null for nothing.</summary>
    string? SameAs(T record) => null;

    /// <summary>Before anything is written: check, refuse, warn, derive.</summary>
    Task Before(IReadOnlyList<Change<T>> changes, CancellationToken ct) => Task.CompletedTask;

    /// <summary>After the rows are written, in the same transaction: tied rows, events.</summary>
    Task After(IReadOnlyList<Change<T>> changes, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Two records became one (<see cref="IMerging"/>), in the same transaction: events, and rows of which the platform knows nothing.</summary>
    Task Merged(long stays, long lost, long operation, CancellationToken ct) => Task.CompletedTask;

    /// <summary>A merge was undone, in the same transaction: both are there again with what was theirs.</summary>
    Task Parted(long stays, long back, long operation, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>Reads and writes records of one type, under the user's scope, with version check, history, directory, numbers and owner times.</summary>
public interface IDocuments<T> where T : Document, new()
{
    /// <exception cref="NotFound">No such record, or not the user's to see.</exception>
    Task<T> Get(long id, CancellationToken ct = default);

    /// <summary>For changing: a record the user sees only because it was shared for reading is refused.</summary>
    /// <exception cref="NotFound">No such record, or not the user's to see.</exception>
    /// <exception cref="RuleBroken">Shared for reading only.</exception>
    Task<T> GetToChange(long id, CancellationToken ct = default);

    /// <summary>Those of the ids the user may see.</summary>
    Task<IReadOnlyList<T>> Find(IReadOnlyCollection<long> ids, CancellationToken ct = default);

    /// <summary>Any record by id, whoever may see it; the reason is for the reader of the code.</summary>
    Task<T?> FindAny(long id, string reason, CancellationToken ct = default);

    /// <summary>Creates the record; id, number and version are set on it.</summary>
    Task<long> Create(T record, IReadOnlySet<string>? confirmed = null, CancellationToken ct = default);

    /// <summary>Creates many in one go.</summary>
    Task CreateMany(IReadOnlyList<T> records, CancellationToken ct = default);

    /// <summary>Saves a record read by <see cref="Get"/>.</summary>
    /// <exception cref="Conflict">Someone saved in between.</exception>
    Task Update(T record, IReadOnlySet<string>? confirmed = null, CancellationToken ct = default);

    /// <summary>
    /// Creates (id 0) or saves records as the consequence of an act that was allowed: whoever may see them, without the checks of the declaration.
    /// The type's own rules, versions, history and events are as ever.
    /// </summary>
    /// <param name="reason">For the reader of the code.</param>
    Task Keep(IReadOnlyList<T> records, string reason, CancellationToken ct = default);

    /// <summary>Moves it to the recycle bin.</summary>
    Task Delete(long id, long version, CancellationToken ct = default);
}

/// <summary>Adds to a document's history what its fields don't tell; append-only.</summary>
public interface IHistory
{
    /// <param name="kind">At most 20 characters.</param>
    /// <param name="changes">Field, value before, value after, as people read them; equal ones are left out.</param>
    Task Write(long documentId, string kind, IReadOnlyList<(string Field, string? From, string? To)> changes, CancellationToken ct = default);
}
