using System.Globalization;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Documents;
using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Platform.Organization;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Timelines;

/// <summary>Puts the timeline of a document together: one statement a kind, each bounded by the page, merged by date. What there is follows from the declarations.</summary>
internal sealed class TimelineQuery(Db db, ModuleCatalog catalog, Reach reach, Scope scope, Sharing.Shares shares, HistoryQueries histories, NameResolver names, Caches caches, ICurrentUser me) : IQueryHandler<GetTimeline, TimelinePage>
{
    private const string Change = "change", Comment = "comment", Attachment = "attachment", Approval = "approval";

    public async Task<TimelinePage> Handle(GetTimeline query, CancellationToken ct)
    {
        var d = catalog.Document(query.Type);
        if (!d.Timeline) throw new NotFound("时间线");
        var record = await reach.Any(d, query.Id, ct);
        var take = Math.Clamp(query.Take, 1, 100);
        var before = Place.Decode(query.Cursor);
        var tied = catalog.Documents.Where(t => me.May(t.Permission(DocumentRight.Read)) && TiedRows.Of(catalog, t, d, query.Id) is not null).ToList();
        var files = d.Attachments && await shares.Carries(d, record, Sharing.Shares.Attachments, ct);
        List<TimelineKind> kinds =
        [
            .. tied.Select(t => new TimelineKind(t.Type, t.Label)), new(Change, "修改"),
            .. d.Comments ? new[] { new TimelineKind(Comment, "点评") } : [], .. files ? new[] { new TimelineKind(Attachment, "附件") } : [], .. d.Approvals ? new[] { new TimelineKind(Approval, "审核") } : [],
        ];
        var only = (query.Kinds ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (only.FirstOrDefault(k => kinds.All(x => x.Code != k)) is { } unknown) throw new Invalid("kinds", $"时间线没有种类“{(unknown.Length > 40 ? unknown[..40] : unknown)}”。");
        bool Wanted(string kind) => only.Length == 0 || only.Contains(kind);
        var ids = (IReadOnlyCollection<long>)[query.Id, .. (await histories.Merged(query.Id, ct)).Keys];
        var entries = new List<TimelineEntry>();
        foreach (var type in tied.Where(t => Wanted(t.Type))) entries.AddRange(await Documents(type, TiedRows.Of(catalog, type, d, query.Id)!, before, take, ct));
        if (Wanted(Change)) entries.AddRange(await Changes(d, ids, before, take, ct));
        if (d.Comments && Wanted(Comment))
            entries.AddRange((await Beside($"select b.id, b.at, b.user_id, b.text as title from platform.comment b where b.document_id = {query.Id} and b.withdrawn_at is null", before, take, ct)).Select(r => Entry(Comment, r)));
        if (files && Wanted(Attachment))
            entries.AddRange((await Beside($"select b.id, b.at, b.user_id, b.name as title from platform.attachment b where b.document_id = {query.Id} and b.removed_at is null", before, take, ct)).Select(r => Entry(Attachment, r)));
        if (d.Approvals && Wanted(Approval))
            entries.AddRange((await Beside($"select b.id, b.at, b.submitter_id as user_id, b.state as title from platform.approval b where {db.Dialect.In(Sql.Trusted("b.document_id"), ids)}", before, take, ct))
                .Select(r => Entry(Approval, r) with { Title = d.Field("approval").Values.FirstOrDefault(v => v.Code == r.Title) is { } state ? Texts.Chinese ? state.Label : state.English : r.Title! }));
        var page = entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(take).ToList();
        return new(page, entries.Count > page.Count ? new Place(page[^1].At, page[^1].Id).Encode() : null, kinds);
    }

    private async Task<IEnumerable<TimelineEntry>> Documents(DocumentDefinition d, Sql tied, Place? before, int take, CancellationToken ct)
    {
        var at = Sql.Trusted("t." + (d.HappenedAt is { Kind: FieldKind.Instant } f ? f.Column : "created_at"));
        var status = d.Status is { } s ? Sql.Trusted("t." + s.Column) : Sql.Trusted("null");
        var rows = await db.Query<Tie>($"""
            select t.id, {at} as at, t.created_by as user_id, t.{Sql.Trusted(d.Title.Column)} as title, t.number, {status} as status from {Sql.Trusted(d.Table)} t
            where {tied} and t.deleted_at is null and {at} is not null and {scope.Of(d.Type, "t")} {Behind(at, Sql.Trusted("t.id"), before)} order by {at} desc, t.id desc {db.Dialect.Page(take + 1)}
            """, ct);
        return rows.Select(r => new TimelineEntry(d.Type, r.Id, r.At, Who(r.UserId), string.IsNullOrEmpty(r.Title) ? r.Number : r.Title, d.Status is { } f && r.Status is { } code ? names.Quick(f, code) : null, $"{d.Path}/{r.Id.ToString(CultureInfo.InvariantCulture)}"));
    }

    private async Task<IEnumerable<TimelineEntry>> Changes(DocumentDefinition d, IReadOnlyCollection<long> ids, Place? before, int take, CancellationToken ct)
    {
        var rows = await db.Query<Line>($"""
            select h.id, h.at, h.user_id, h.kind, h.changes from platform.history h
            where {(ids.Count == 1 ? (Sql)$"h.document_id = {ids.First()}" : db.Dialect.In(Sql.Trusted("h.document_id"), ids))} and h.kind not in ('view', 'unmask', 'export', 'attach', 'detach', 'tie')
                {Behind(Sql.Trusted("h.at"), Sql.Trusted("h.id"), before)} order by h.at desc, h.id desc {db.Dialect.Page(take + 1)}
            """, ct);
        // Which fields, not their values: those stand in the history, masked where they must be.
        return rows.Select(r => new TimelineEntry(Change, r.Id, r.At, Who(r.UserId), r.Kind,
            string.Join(Texts.L("、"), Journal.Read(r.Changes).Where(c => d.Find(c.Field)?.Hidden != true).Select(c => d.Find(c.Field)?.Label ?? c.Field).Distinct().Take(8).Select(l => Texts.L(l))) is { Length: > 0 } fields ? fields : null, null));
    }

    private Task<IReadOnlyList<Tie>> Beside(Sql rows, Place? before, int take, CancellationToken ct) =>
        db.Query<Tie>($"{rows} {Behind(Sql.Trusted("b.at"), Sql.Trusted("b.id"), before)} order by b.at desc, b.id desc {db.Dialect.Page(take + 1)}", ct);

    private static Sql? Behind(Sql at, Sql id, Place? place) => place is null ? null : (Sql)$"and ({at} < {place.At} or ({at} = {place.At} and {id} < {place.Id}))";

    private TimelineEntry Entry(string kind, Tie r) => new(kind, r.Id, r.At, Who(r.UserId), r.Title!.Length > 300 ? r.Title[..300] + "…" : r.Title, null, null);

    private string Who(long id) => id == 0 ? L("系统") : caches.Organization.Person(id)?.Name ?? $"#{id}";

    private sealed class Tie
    {
        public long Id { get; set; }
        public DateTime At { get; set; }
        public long UserId { get; set; }
        public string? Title { get; set; }
        public string Number { get; set; } = "";
        public string? Status { get; set; }
    }

    private sealed record Line(long Id, DateTime At, long UserId, string Kind, string? Changes);

    /// <summary>Where a page ended.</summary>
    private sealed record Place(DateTime At, long Id)
    {
        public string Encode() => $"{At.Ticks.ToString(CultureInfo.InvariantCulture)}-{Id.ToString(CultureInfo.InvariantCulture)}";

        public static Place? Decode(string? cursor) => cursor is not { Length: > 0 } ? null
            : cursor.Split('-') is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                ? new Place(new DateTime(ticks, DateTimeKind.Utc), last) : throw new Invalid("cursor", "翻页标记无效，请从头开始。");
    }
}
