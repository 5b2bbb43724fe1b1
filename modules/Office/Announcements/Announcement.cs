using KuaipuCrm.Sdk;

namespace KuaipuCrm.Office.Announcements;

/// <summary>Something all, or some departments, shall know (公告通知, OFF-1).</summary>
internal sealed class Announcement : Document
{
    public const string Draft = "draft", Published = "published", Withdrawn = "withdrawn", ForAll = "all", ForDepartments = "departments";

    public string Title { get; set; } = "";
    public string Body { get; set; } = "";
    public string? Audience { get; set; } = ForAll;
    public bool MustRead { get; set; }
    public DateOnly? FromDay { get; set; }
    public DateOnly? UntilDay { get; set; }
    public string? State { get; set; } = Draft;
    public DateTime? PublishedAt { get; set; }
    /// <summary>When the receivers were told.</summary>
    public DateTime? AnnouncedAt { get; set; }
}

internal sealed class AnnouncementDocument : IDocument<Announcement>
{
    public void Declare(DocumentBuilder<Announcement> d)
    {
        d.Named("announcement", "announcements", "公告", "office.announcement", "GG").Title(x => x.Title);
        d.Text(x => x.Title, "标题", 100).Required().Listed(260);
        d.LongText(x => x.Body, "正文", 20_000).Required();
        d.OneOf(x => x.Audience, "发布给", new(Announcement.ForAll, "全公司", "Everyone"), new(Announcement.ForDepartments, "指定部门", "Departments")).Required().Listed(90).Default(_ => Announcement.ForAll).Help("指定部门时，保存后在“发布范围”页签选择部门");
        d.Flag(x => x.MustRead, "必读").Listed(60).Help("未读时一直提醒");
        d.Date(x => x.FromDay, "开始日期").Listed(100).Help("不填时发布后立即可见");
        d.Date(x => x.UntilDay, "截止日期").Listed(100).Help("过后不再显示");
        d.OneOf(x => x.State, "状态", new(Announcement.Draft, "草稿", "Draft"), new(Announcement.Published, "已发布", "Published"), new(Announcement.Withdrawn, "已撤回", "Withdrawn")).ReadOnly().Listed(80).Default(_ => Announcement.Draft);
        d.Instant(x => x.PublishedAt, "发布时间").ReadOnly().Listed(130);
        d.Instant(x => x.AnnouncedAt, "通知时间").ReadOnly().Hidden();
        d.With(x => (x.Icon, x.Status, x.Searchable) = ("bullhorn", x.Field("state"), false));
    }
}

internal sealed class AnnouncementRules(IDb db) : IDocumentRule<Announcement>
{
    public Task Before(IReadOnlyList<Change<Announcement>> changes, CancellationToken ct)
    {
        foreach (var change in changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update))
        {
            if (change.Now is { FromDay: { } from, UntilDay: { } until } && until < from) change.Refuse("untilDay", "截止日期不能早于开始日期。");
            // What people have read stays what they have read, and who is told stays whom it was published for.
            if (change.Before is { State: Announcement.Published } before && (Text(before), before.Audience, before.MustRead) != (Text(change.Now), change.Now.Audience, change.Now.MustRead))
                change.Refuse("", "公告已发布，不能再改标题、正文、发布范围和是否必读；请先撤回。");
        }
        return Task.CompletedTask;
    }

    /// <summary>Another text is to be read anew: receipts are for what was read.</summary>
    public async Task After(IReadOnlyList<Change<Announcement>> changes, CancellationToken ct)
    {
        foreach (var change in changes.Where(c => c.Kind == ChangeKind.Update && Text(c.Before!) != Text(c.Now)))
            await db.Execute($"delete from office.announcement_read where announcement_id = {change.Now.Id}", ct);
    }

    private static (string, string) Text(Announcement a) => (a.Title, a.Body);
}
