using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Files beside documents (DOC-7): who may see the document sees them, who may change it lays and removes them.</summary>
internal sealed class Attachments(Db db, ModuleCatalog catalog, Reach reach, Stores stores, Sharing.Shares shares, IFileStore files, IHistory history, Caches caches, ICurrentUser me, IIds ids, TimeProvider clock)
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
        await Changing(d, command.Id, command.Confirmed, ct);
        var name = FileContent.NameOf(command.Name);
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
        await Changing(Attached(command.Type), command.Id, command.Confirmed, ct);
        var row = await Find(command.Id, command.AttachmentId, ct);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Execute($"update platform.attachment set removed_at = {now} where slot_id = {row.SlotId} and removed_at is null", ct);
        await history.Write(command.Id, "detach", [("附件", row.Name, null)], ct);
        return default;
    }

    /// <summary>Files belong to what is approved: they stay as they are meanwhile, and what was approved is approved anew after a change (DOC-9).</summary>
    private async Task Changing(DocumentDefinition d, long id, IReadOnlyList<string>? confirmed, CancellationToken ct)
    {
        var record = await reach.Changeable(d, id, ct);
        if (d.IsFinal(record)) throw new RuleBroken($"{d.Label}已是“{d.StatusText(record)}”，不能再修改。");
        if (!d.Approvals) return;
        if (record.Approval == ApprovalState.Review) throw new RuleBroken("审核中，内容已冻结。撤回审核后才能修改。");
        if (record.Approval != ApprovalState.Approved) return;
        if (confirmed?.Contains("approved") != true) throw new Unconfirmed([new("approved", "", "这份资料已审核通过，修改后需要重新提交审核。", ["附件"])]);
        await stores.Of(d).SetApproval(id, ApprovalState.Draft, ct);
    }

    private async Task<Row> Find(long document, long attachment, CancellationToken ct) =>
        await db.First<Row>($"select id, slot_id, version, name, size, hash, content_type, user_id, at from platform.attachment where id = {attachment} and document_id = {document} and removed_at is null", ct) ?? throw new NotFound("附件");

    private DocumentDefinition Attached(string type) => catalog.Document(type) is { Attachments: true } d ? d : throw new NotFound("附件");

    private sealed record Row(long Id, long SlotId, long Version, string Name, long Size, string Hash, string ContentType, long UserId, DateTime At);
}
