namespace KuaipuCrm.Sdk;

/// <summary>A file beside a document (DOC-7), in its newest version.</summary>
/// <param name="ContentType">By content, not by what the sender says.</param>
/// <param name="Preview"><c>image</c> or <c>pdf</c> where a browser may show it in place; null otherwise.</param>
public sealed record AttachmentView(long Id, string Name, long Size, string ContentType, int Version, DateTime At, long UserId, string Who, string? Preview);

/// <summary>A document's attachments, newest first.</summary>
/// <param name="VersionsOf">Instead: all versions of this attachment.</param>
public sealed record ListAttachments(string Type, long Id, long? VersionsOf = null) : IQuery<IReadOnlyList<AttachmentView>>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <summary>A file taken in and not yet attached.</summary>
public sealed record TakenFile(string Hash, long Size, string ContentType);

/// <summary>Lays a file beside a document; as a new version of <paramref name="Replaces"/> where given. Files are part of what is approved: frozen meanwhile, and a change afterwards asks for approval anew.</summary>
/// <param name="Confirmed">Codes of confirmed warnings: <c>approved</c>.</param>
/// <returns>The attachment's id.</returns>
public sealed record Attach(string Type, long Id, string Name, TakenFile File, long? Replaces = null, IReadOnlyList<string>? Confirmed = null) : ICommand<long>, IOnDocuments
{
    public string? Right => DocumentRight.Update;
}

/// <summary>Removes an attachment with all its versions; the history says so.</summary>
public sealed record RemoveAttachment(string Type, long Id, long AttachmentId, IReadOnlyList<string>? Confirmed = null) : ICommand<Done>, IOnDocuments
{
    public string? Right => DocumentRight.Update;
}

/// <summary>One version of an attachment, to be downloaded.</summary>
public sealed record OpenAttachment(string Type, long Id, long AttachmentId) : IQuery<AttachedFile>, IOnDocuments
{
    public string? Right => DocumentRight.Read;
}

/// <param name="Content">To be disposed by who reads it.</param>
public sealed record AttachedFile(string Name, string ContentType, string? Preview, Stream Content);

/// <summary>Keeps contents by their SHA-256; the same content is kept once. On disk here; an object storage may take its place.</summary>
public interface IFileStore
{
    /// <summary>Takes content in; durable on return.</summary>
    /// <exception cref="Invalid">Empty, or larger than <paramref name="most"/> bytes.</exception>
    Task<(string Hash, long Size)> Put(Stream content, long most, CancellationToken ct = default);

    /// <exception cref="NotFound">No such content.</exception>
    Stream Open(string hash);

    /// <summary>Hashes of contents last taken in before that moment.</summary>
    IEnumerable<string> Before(DateTime moment);

    /// <summary>Deletes a content, unless it was taken in again since.</summary>
    bool Delete(string hash, DateTime before);
}
