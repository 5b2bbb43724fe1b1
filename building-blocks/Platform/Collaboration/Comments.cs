using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Review comments on documents (DOC-6), under the document's own rights.</summary>
internal sealed class Comments(Db db, ModuleCatalog catalog, Reach reach, Sharing.Shares shares, Caches caches, IMessages messages, ICurrentUser me, IIds ids, TimeProvider clock)
    : IQueryHandler<ListComments, CommentPage>, ICommandHandler<AddComment, long>, ICommandHandler<WithdrawComment, Done>, IQueryHandler<CountBeside, BesideCounts>
{
    public async Task<CommentPage> Handle(ListComments query, CancellationToken ct)
    {
        var d = Commented(query.Type);
        var record = await reach.Any(d, query.Id, ct);
        var (take, before) = (Math.Clamp(query.Take, 1, 200), query.BeforeId ?? long.MaxValue);
        var rows = await db.Query<Row>($"""
            select c.id, c.at, c.user_id, c.text, c.withdrawn_at, r.user_id as reply_user_id from platform.comment c left join platform.comment r on r.id = c.reply_to
            where c.document_id = {query.Id} and c.id < {before} order by c.document_id desc, c.id desc {db.Dialect.Page(take + 1)}
            """, ct);
        return new([.. rows.Take(take).Select(r => new CommentView(r.Id, r.At, r.UserId, Who(r.UserId), r.ReplyUserId is { } u ? Who(u) : null, r.WithdrawnAt is null ? r.Text : null, r.UserId == me.Id))],
            record.DeletedAt is null && me.SeenBy is null && MayComment(d, record), rows.Count > take);
    }

    public async Task<long> Handle(AddComment command, CancellationToken ct)
    {
        var d = Commented(command.Type);
        var record = await reach.Living(d, command.Id, ct);
        if (!MayComment(d, record)) throw new NotAllowed($"{d.Label}：点评");
        var text = command.Text.Trim();
        if (text.Length is 0 or > 2000) throw new Invalid("text", text.Length == 0 ? "请填写点评内容。" : "点评最多 2000 个字。");
        long? answered = null;
        if (command.ReplyTo is { } to) answered = await db.First<long?>($"select user_id from platform.comment where id = {to} and document_id = {command.Id}", ct) ?? throw new Invalid("replyTo", "所回复的点评不存在。");
        var id = ids.Next();
        await db.Insert("platform.comment", ["id", "document_id", "user_id", "at", "text", "reply_to"], [[id, command.Id, me.Id, clock.GetUtcNow().UtcDateTime, text, command.ReplyTo]], ct);
        var line = $"点评了{d.Label}“{DocumentDirectory.Title(d, record)}”：{(text.Length > 200 ? text[..200] + "…" : text)}";
        await messages.Send(new[] { record.OwnerId, answered }.OfType<long>(), "comment", line, command.Id, ct);
        return id;
    }

    public async Task<Done> Handle(WithdrawComment command, CancellationToken ct)
    {
        await reach.Living(Commented(command.Type), command.Id, ct);
        var now = clock.GetUtcNow().UtcDateTime;
        return await db.Execute($"update platform.comment set withdrawn_at = {now} where id = {command.CommentId} and document_id = {command.Id} and user_id = {me.Id} and withdrawn_at is null", ct) == 0
            ? throw new NotFound("点评") : default;
    }

    public async Task<BesideCounts> Handle(CountBeside query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        var record = await reach.Any(d, query.Id, ct);
        return new(
            d.Comments ? (int)await db.First<long>($"select count(*) from platform.comment where document_id = {query.Id} and withdrawn_at is null", ct) : 0,
            d.Attachments && await shares.Carries(d, record, Sharing.Shares.Attachments, ct) ? (int)await db.First<long>($"select count(distinct slot_id) from platform.attachment where document_id = {query.Id} and removed_at is null", ct) : 0);
    }

    /// <summary>The owner answers, superiors remark, others by right.</summary>
    private bool MayComment(DocumentDefinition d, Document record) =>
        me.May(d.Permission(DocumentRight.Comment)) || record.OwnerId == me.Id || record.OwnerId is { } owner && caches.Organization.Subordinates(me.Id).Contains(owner);

    private DocumentDefinition Commented(string type) => catalog.Document(type) is { Comments: true } d ? d : throw new NotFound("点评");

    private string Who(long id) => id == 0 ? L("系统") : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed record Row(long Id, DateTime At, long UserId, string Text, DateTime? WithdrawnAt, long? ReplyUserId);
}
