using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Files beside documents (DOC-7): who may see the document sees them, who may change it lays and removes them.</summary>
internal sealed class Attachments(Db db, ModuleCatalog catalog, Reach reach, Sharing.Shares shares, IFileStore files, IHistory history, Caches caches, ICurrentUser me, IIds ids, TimeProvider clock)
    : IQueryHandler<ListAttachments, IReadOnlyList<AttachmentView>>, IQueryHandler<OpenAttachment, AttachedFile>, ICommandHandler<Attach, long>, ICommandHandler<RemoveAttachment, Done>
{
    /// <summary>Attachments one document may have; more is a folder, not a document.</summary>
    private const int Most = 500;

    public async Task<IReadOnlyList<AttachmentView>> Handle(ListAttachments query, CancellationToken ct)
    {
        var d = Attached(query.Type);
        if (!await shares.Carries(d, await reach.Any(d, query.Id, ct), Sharing.Shares.Attachments, ct)) return [];
        var newest = Sql.Trusted("not exists (select 1 from platform.attachment n where n.slot_id = a.slot_id and n.version > a.version)");
        var rows = await db.Query<Row>($"""
            select a.id, a.slot_id, a.version, a.name, a.size, a.hash, a.content_type, a.user_id, a.at from platform.attachment a
            where a.document_id = {query.Id} and a.removed_at is null
            {(query.VersionsOf is { } one ? (Sql)$"and a.slot_id = (select s.slot_id from platform.attachment s where s.id = {one})" : $"and {newest}")} order by a.id desc
            """, ct);
        return [.. rows.Select(r => new AttachmentView(r.Id, r.Name, r.Size, r.ContentType, (int)r.Version, r.At, r.UserId, r.UserId == 0 ? L("系统") : caches.Organization.Person(r.UserId)?.Name ?? $"#{r.UserId}", FileContent.Preview(r.ContentType)))];
    }

    public async Task<AttachedFile> Handle(OpenAttachment query, CancellationToken ct)
    {
        var d = Attached(query.Type);
        if (!await shares.Carries(d, await reach.Any(d, query.Id, ct), Sharing.Shares.Attachments, ct)) throw new NotFound("附件");
        var row = await Find(query.Id, query.AttachmentId, ct);
        return new(row.Name, row.ContentType, FileContent.Preview(row.ContentType), files.Open(row.Hash));
    }

    public async Task<long> Handle(Attach command, CancellationToken ct)
    {
        var d = Attached(command.Type);
        await reach.Changeable(d, command.Id, ct);
        var name = FileName(command.Name);
        long slot, version = 1;
        var id = ids.Next();
        if (command.Replaces is { } replaces)
        {
            slot = (await Find(command.Id, replaces, ct)).SlotId;
            version = await db.First<long>($"select max(version) from platform.attachment where slot_id = {slot}", ct) + 1;
        }
        else
        {
            slot = id;
            if (await db.First<long>($"select count(distinct slot_id) from platform.attachment where document_id = {command.Id} and removed_at is null", ct) >= Most) throw new RuleBroken($"一份{d.Label}最多 {Most} 个附件。");
        }
        await db.Insert("platform.attachment", ["id", "document_id", "slot_id", "version", "name", "size", "hash", "content_type", "user_id", "at"],
            [[id, command.Id, slot, version, name, command.File.Size, command.File.Hash, command.File.ContentType, me.Id, clock.GetUtcNow().UtcDateTime]], ct);
        await history.Write(command.Id, "attach", [("附件", null, version == 1 ? name : $"{name}（第 {version} 版）")], ct);
        return id;
    }

    public async Task<Done> Handle(RemoveAttachment command, CancellationToken ct)
    {
        await reach.Changeable(Attached(command.Type), command.Id, ct);
        var row = await Find(command.Id, command.AttachmentId, ct);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Execute($"update platform.attachment set removed_at = {now} where slot_id = {row.SlotId} and removed_at is null", ct);
        await history.Write(command.Id, "detach", [("附件", row.Name, null)], ct);
        return default;
    }

    private async Task<Row> Find(long document, long attachment, CancellationToken ct) =>
        await db.First<Row>($"select id, slot_id, version, name, size, hash, content_type, user_id, at from platform.attachment where id = {attachment} and document_id = {document} and removed_at is null", ct) ?? throw new NotFound("附件");

    private DocumentDefinition Attached(string type) => catalog.Document(type) is { Attachments: true } d ? d : throw new NotFound("附件");

    /// <summary>The last part of whatever path a browser sends, without what file systems choke on.</summary>
    private static string FileName(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var clean = new string([.. last.Where(c => !char.IsControl(c) && !"<>:\"|?*".Contains(c) && char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format)]).Trim(' ', '.');
        if (clean.Length == 0) throw new Invalid("name", "请给出文件名。");
        if (clean.Length <= 200) return clean;
        var ending = Path.GetExtension(clean);
        return ending.Length < 20 ? clean[..(200 - ending.Length)] + ending : clean[..200];
    }

    private sealed record Row(long Id, long SlotId, long Version, string Name, long Size, string Hash, string ContentType, long UserId, DateTime At);
}
