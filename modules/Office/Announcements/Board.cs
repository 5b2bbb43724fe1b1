using KuaipuCrm.Sdk;

namespace KuaipuCrm.Office.Announcements;

/// <summary>An announcement as its receivers see it.</summary>
public sealed record BoardItem(long Id, string Title, string Body, bool MustRead, DateTime PublishedAt, string By, DateTime? ReadAt);

/// <summary>What is announced to the user, newest first.</summary>
[Action("我的公告", Permissions.SignedIn, Route = "board", Help = "发布给自己的公告，新的在前。")]
public sealed record ListBoard(int Take = 50, [Label("只要未读的")] bool? UnreadOnly = null) : IQuery<IReadOnlyList<BoardItem>>;

/// <summary>How many the user has not read.</summary>
[Action("未读公告数", Permissions.SignedIn, Route = "board/counts", Help = "发布给自己而未读的公告数，其中必读的。")]
public sealed record CountBoard : IQuery<BoardCounts>;

public sealed record BoardCounts(long Unread, long MustRead);

/// <summary>Notes that the user has read it: once, with the time of the first.</summary>
[Action("公告标为已读", Permissions.SignedIn, Route = "board/{id}/read", Help = "记下已读；只对发布给自己的公告。")]
public sealed record ReadAnnouncement(long Id) : ICommand<Done>;

internal sealed class BoardHandlers(IDb db, IScope scope, Audience audience, IOrganization organization, ICurrentUser me, IFormat format, TimeProvider clock)
    : IQueryHandler<ListBoard, IReadOnlyList<BoardItem>>, IQueryHandler<CountBoard, BoardCounts>, ICommandHandler<ReadAnnouncement, Done>
{
    public async Task<IReadOnlyList<BoardItem>> Handle(ListBoard query, CancellationToken ct) =>
    [
        .. (await db.Query<Row>($"""
            select a.id, a.title, a.body, a.must_read, a.published_at, a.owner_id, r.at as read_at from office.announcement a left join office.announcement_read r on r.announcement_id = a.id and r.user_id = {me.Id}
            where {Mine()} {Sql.When(query.UnreadOnly == true, $"and r.at is null")} order by a.published_at desc, a.id desc {db.Dialect.Page(Math.Clamp(query.Take, 1, 200))}
            """, ct)).Select(r => new BoardItem(r.Id, r.Title, r.Body, r.MustRead, r.PublishedAt, r.OwnerId is { } o ? organization.Person(o)?.Name ?? "" : "系统", r.ReadAt)),
    ];

    public async Task<BoardCounts> Handle(CountBoard query, CancellationToken ct) =>
        await db.First<BoardCounts>($"""
            select count(*) as unread, coalesce(sum(case when a.must_read = {true} then 1 else 0 end), 0) as must_read from office.announcement a
            where {Mine()} and not exists (select 1 from office.announcement_read r where r.announcement_id = a.id and r.user_id = {me.Id})
            """, ct) ?? new(0, 0);

    public async Task<Done> Handle(ReadAnnouncement command, CancellationToken ct)
    {
        if (await db.First<long?>($"select a.id from office.announcement a where a.id = {command.Id} and {Mine()}", ct) is null) throw new NotFound("公告");
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Execute($"insert into office.announcement_read (announcement_id, user_id, at) select {command.Id}, {me.Id}, {now} where not exists (select 1 from office.announcement_read where announcement_id = {command.Id} and user_id = {me.Id})", ct);
        return default;
    }

    /// <summary>Published, within its days, for the user's department or one above, or for all.</summary>
    private Sql Mine()
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, format.Zone));
        return $"""
            a.state = 'published' and a.deleted_at is null and (a.from_day is null or a.from_day <= {today}) and (a.until_day is null or a.until_day >= {today}) and {scope.All("announcement", "receivers read what is addressed to them; the condition beside this one cuts it to that")}
            and (a.audience = 'all' or exists (select 1 from office.announcement_department p where p.announcement_id = a.id and {db.Dialect.In(Sql.Trusted("p.department_id"), audience.Above(me.Id))}))
            """;
    }

    private sealed record Row(long Id, string Title, string Body, bool MustRead, DateTime PublishedAt, long? OwnerId, DateTime? ReadAt);
}

/// <summary>Who has read an announcement and who hasn't.</summary>
[Action("公告的阅读情况", "office.announcements.read", Route = "announcements/{id}/readers", Help = "范围内的人，谁读了、谁没读。")]
public sealed record ListReaders(long Id) : IQuery<IReadOnlyList<Reader>>;

/// <param name="ReadAt">Null: not yet.</param>
public sealed record Reader(long UserId, string Name, string? Department, DateTime? ReadAt);

internal sealed class ListReadersHandler(IDocuments<Announcement> announcements, Audience audience, IOrganization organization, IDb db) : IQueryHandler<ListReaders, IReadOnlyList<Reader>>
{
    public async Task<IReadOnlyList<Reader>> Handle(ListReaders query, CancellationToken ct)
    {
        var a = await announcements.Get(query.Id, ct);
        var read = (await db.Query<ReadRow>($"select user_id, at from office.announcement_read where announcement_id = {a.Id}", ct)).ToDictionary(r => r.UserId, r => r.At);
        return [.. (await audience.Of(a, ct)).Select(p => new Reader(p.Id, p.Name, p.DepartmentId is { } d ? organization.Department(d)?.Name : null, read.TryGetValue(p.Id, out var at) ? at : null))
            .OrderBy(r => r.ReadAt is not null).ThenBy(r => r.Department, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal)];
    }

    private sealed record ReadRow(long UserId, DateTime At);
}
