using System.Text.Json;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Documents;

/// <summary>A value before and after, as the history keeps it: plain values in JSON.</summary>
internal sealed record Delta(string F, object? O, object? N);

/// <summary>Writes the history of documents; append-only (DOC-5). Rows written during an operation carry its id, which is what undo goes by.</summary>
internal sealed class Journal(Db db, ICurrentUser me, IIds ids, TimeProvider clock) : IHistory
{
    public static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Columns = ["id", "document_id", "version", "at", "user_id", "seen_by", "kind", "source", "operation_id", "changes"];

    /// <summary>The operation that is running in this scope.</summary>
    public long? OperationId { get; private set; }

    /// <summary>What is written until the end is part of an operation.</summary>
    public IDisposable Within(long? operation)
    {
        var outer = OperationId;
        OperationId = operation;
        return new Back(() => OperationId = outer);
    }

    /// <summary>What the lines of these documents are called instead of their own kinds: an act that takes itself back keeps the usual undo off.</summary>
    public (IReadOnlyCollection<long> Documents, string Kind)? Named { get; set; }

    public Task Write(IReadOnlyCollection<(long DocumentId, long Version, string Kind, string? Changes)> entries, CancellationToken ct)
    {
        if (entries.Count == 0) return Task.CompletedTask;
        var id = ids.Next(entries.Count);
        var now = clock.GetUtcNow().UtcDateTime;
        var source = me.Source.Length > 80 ? me.Source[..80] : me.Source;
        return db.Insert("platform.history", Columns, entries.Select(e => new object?[] { id++, e.DocumentId, e.Version, now, me.Id, me.SeenBy, Named is { } named && named.Documents.Contains(e.DocumentId) ? named.Kind : e.Kind, source, OperationId, e.Changes }), ct);
    }

    public Task Write(long documentId, string kind, IReadOnlyList<(string Field, string? From, string? To)> changes, CancellationToken ct = default) =>
        Write([(documentId, 0L, kind, Deltas([.. changes.Where(c => c.From != c.To).Select(c => new Delta(c.Field, c.From, c.To))]))], ct);

    private sealed class Back(Action act) : IDisposable
    {
        public void Dispose() => act();
    }

    public static string? Deltas(IReadOnlyCollection<Delta> deltas) => deltas.Count == 0 ? null : JsonSerializer.Serialize(deltas, Json);

    public static IReadOnlyList<(string Field, JsonElement Old, JsonElement New)> Read(string? changes) => string.IsNullOrEmpty(changes) ? [] :
        [.. JsonDocument.Parse(changes).RootElement.EnumerateArray().Select(e => (e.GetProperty("F").GetString()!, e.GetProperty("O"), e.GetProperty("N")))];
}
