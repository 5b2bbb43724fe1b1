using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Platform.Collaboration;

/// <summary>Messages inside the CRM: rows of the sender's transaction, and a ring after its commit.</summary>
internal sealed class InternalMessages(Db db, ModuleCatalog catalog, Reach reach, DocumentTypes types, Caches caches, Bell bell, OnlineMemory online, MessageRoutes routes, ICurrentUser me, IIds ids, TimeProvider clock)
    : IMessages, IQueryHandler<ListMessages, IReadOnlyList<MessageView>>, IQueryHandler<CountMessages, MessageCounts>, IQueryHandler<ListOnline, IReadOnlyList<OnlineUser>>,
      ICommandHandler<WriteMessage, Done>, ICommandHandler<ReadMessages, Done>, ICommandHandler<DeleteMessages, Done>
{
    private static readonly string[] Columns = ["id", "user_id", "from_id", "kind", "text", "document_id", "link", "at"];

    public async Task Send(IEnumerable<long> to, string kind, string text, long? documentId = null, CancellationToken ct = default)
    {
        var users = Receivers(to);
        if (users.Count > 0 && documentId is { } about && await types.Of(db, about, ct) is { } type) users = await reach.WhoSee(type, about, users, ct);
        await Write(users, kind, text, documentId, null, false, false, ct);
    }

    /// <summary>A reminder to users who are known to see the document; by mail and SMS, too, where the reminder or the receiver wants it.</summary>
    internal Task Remind(List<long> users, string text, long documentId, bool mail, bool sms, CancellationToken ct) => Write(users, "reminder", text, documentId, null, mail, sms, ct);

    public Task SendTo(IEnumerable<long> to, string kind, string text, string link, CancellationToken ct = default) => Write(Receivers(to), kind, text, null, link, false, false, ct);

    private List<long> Receivers(IEnumerable<long> to) => [.. to.Distinct().Where(u => u != me.Id && caches.Organization.Person(u)?.Enabled == true)];

    private async Task Write(List<long> users, string kind, string text, long? documentId, string? link, bool mail, bool sms, CancellationToken ct)
    {
        if (users.Count == 0) return;
        var (id, now) = (ids.Next(users.Count), clock.GetUtcNow().UtcDateTime);
        await db.Insert("platform.message", Columns, users.Select(u => new object?[] { id++, u, me.Id, kind, text.Length > 1000 ? text[..1000] : text, documentId, link, now }), ct);
        db.OnCommit(() => bell.Ring(users));
        await routes.Forward(users, kind, text, documentId, link, mail, sms, ct);
    }

    public async Task<IReadOnlyList<MessageView>> Handle(ListMessages query, CancellationToken ct)
    {
        // Letters are private: who looks through another's eyes doesn't read them.
        if (me.SeenBy is not null) return [];
        var before = query.BeforeId ?? long.MaxValue;
        var rows = await db.Query<Row>($"""
            select m.id, m.at, m.from_id, m.kind, m.text, m.document_id, m.link, m.read_at, d.type_id from platform.message m left join platform.document d on d.id = m.document_id and d.deleted = {false}
            where m.user_id = {me.Id} and m.id < {before} {Sql.When(query.UnreadOnly == true, $"and m.read_at is null")} order by m.user_id, m.id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 200))}
            """, ct);
        return [.. rows.Select(r =>
        {
            var d = r.TypeId is { } t && types.Name(t) is { } name ? catalog.FindDocument(name) : null;
            return new MessageView(r.Id, r.At, r.FromId, r.FromId == 0 ? L("系统") : caches.Organization.Person(r.FromId)?.Name ?? $"#{r.FromId}", r.Kind, r.Text, r.DocumentId, d?.Label, r.Link ?? (d is null ? null : $"{d.Path}/{r.DocumentId}"), r.ReadAt is not null);
        })];
    }

    public async Task<MessageCounts> Handle(CountMessages query, CancellationToken ct) =>
        new(me.SeenBy is not null ? 0 : (int)await db.First<long>($"select count(*) from platform.message where user_id = {me.Id} and read_at is null", ct), (await Online(ct)).Count);

    public async Task<IReadOnlyList<OnlineUser>> Handle(ListOnline query, CancellationToken ct)
    {
        var organization = caches.Organization;
        return [.. (await Online(ct)).Select(o => (o.SeenAt, Person: organization.Person(o.UserId))).Where(o => o.Person is not null)
            .Select(o => new OnlineUser(o.Person!.Id, o.Person.Name, o.Person.DepartmentId is { } d ? organization.Department(d)?.Name : null, o.SeenAt)).OrderBy(o => o.Name, StringComparer.Ordinal)];
    }

    public async Task<Done> Handle(WriteMessage command, CancellationToken ct)
    {
        var text = command.Text.Trim();
        if (text.Length is 0 or > 1000) throw new Invalid("text", text.Length == 0 ? "请填写短信内容。" : "短信最多 1000 个字。");
        var to = command.To.Distinct().ToList();
        if (to.Count is 0 or > 500) throw new Invalid("to", to.Count == 0 ? "请选择收信人。" : "一次最多发给 500 人。");
        if (to.FirstOrDefault(u => caches.Organization.Person(u)?.Enabled != true) is var unknown and not 0) throw new Invalid("to", caches.Organization.Person(unknown) is { } p ? $"{p.Name} 已停用，不能收信。" : "收信人不存在。");
        if (command.DocumentId is { } about)
        {
            var type = await types.Of(db, about, ct) ?? throw new Invalid("documentId", "所附的单据不存在，或您无权查看。");
            if ((await reach.WhoSee(type, about, [me.Id], ct)).Count == 0) throw new Invalid("documentId", "所附的单据不存在，或您无权查看。");
            var see = await reach.WhoSee(type, about, to, ct);
            if (to.FirstOrDefault(u => u != me.Id && !see.Contains(u)) is var blind and not 0) throw new Invalid("to", $"{caches.Organization.Person(blind)!.Name} 无权查看所附的单据。");
        }
        // Who sees the document was just asked.
        await Write(Receivers(to), "user", text, command.DocumentId, null, false, false, ct);
        return default;
    }

    public async Task<Done> Handle(ReadMessages command, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Execute($"update platform.message set read_at = {now} where user_id = {me.Id} and read_at is null {Sql.When(command.Ids is not null, $"and {db.Dialect.In(Sql.Trusted("id"), command.Ids ?? [])}")}", ct);
        Rings();
        return default;
    }

    public async Task<Done> Handle(DeleteMessages command, CancellationToken ct)
    {
        await db.Execute($"delete from platform.message where user_id = {me.Id} and {db.Dialect.In(Sql.Trusted("id"), command.Ids)}", ct);
        Rings();
        return default;
    }

    /// <summary>The user's other windows.</summary>
    private void Rings()
    {
        var user = me.Id;
        db.OnCommit(() => bell.Ring([user]));
    }

    private Task<IReadOnlyList<OnlineMemory.Seen>> Online(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var since = now.AddMinutes(-15);
        return online.Get(now, () => db.Query<OnlineMemory.Seen>($"select user_id, max(seen_at) as seen_at from platform.session where expires_at > {now} and seen_at > {since} group by user_id", ct));
    }

    private sealed record Row(long Id, DateTime At, long FromId, string Kind, string Text, long? DocumentId, string? Link, DateTime? ReadAt, long? TypeId);
}

/// <summary>Who is online, asked of the database once in ten seconds for all.</summary>
internal sealed class OnlineMemory
{
    private (DateTime At, IReadOnlyList<Seen> Users)? last;

    public async Task<IReadOnlyList<Seen>> Get(DateTime now, Func<Task<IReadOnlyList<Seen>>> ask)
    {
        if (last is { } l && now - l.At < TimeSpan.FromSeconds(10) && now >= l.At) return l.Users;
        var users = await ask();
        last = (now, users);
        return users;
    }

    public sealed record Seen(long UserId, DateTime SeenAt);
}
