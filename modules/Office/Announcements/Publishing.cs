using KuaipuCrm.Sdk;

namespace KuaipuCrm.Office.Announcements;

/// <summary>Publishes an announcement: its receivers see it from its first day on, and are told.</summary>
[Action("发布", "office.announcements.update", On = "announcement", Route = "announcements/{id}/publish", Icon = "bullhorn", Confirm = "发布后，范围内的所有人都能看到。", Help = "发布公告；范围内的人会收到短信。")]
public sealed record PublishAnnouncement(long Id) : ICommand<Done>;

internal sealed class PublishAnnouncementHandler(IDocuments<Announcement> announcements, Audience audience, Announcer announcer, TimeProvider clock) : ICommandHandler<PublishAnnouncement, Done>
{
    public async Task<Done> Handle(PublishAnnouncement command, CancellationToken ct)
    {
        var a = await announcements.Get(command.Id, ct);
        if (a.State == Announcement.Published) throw new RuleBroken("公告已经发布。");
        if ((await audience.Of(a, ct)).Count == 0) throw new RuleBroken("发布范围内没有人，请先在“发布范围”中选择部门。");
        (a.State, a.PublishedAt, a.AnnouncedAt) = (Announcement.Published, clock.GetUtcNow().UtcDateTime, null);
        await announcements.Update(a, ct: ct);
        await announcer.Tell(ct);
        return default;
    }
}

/// <summary>Takes an announcement back: nobody sees it any more; who had read it stays known until it says something else.</summary>
[Action("撤回", "office.announcements.update", On = "announcement", Route = "announcements/{id}/withdraw", Icon = "rotate-left", Confirm = "撤回后，大家不再看到这份公告。", Help = "撤回已发布的公告。")]
public sealed record WithdrawAnnouncement(long Id) : ICommand<Done>;

internal sealed class WithdrawAnnouncementHandler(IDocuments<Announcement> announcements) : ICommandHandler<WithdrawAnnouncement, Done>
{
    public async Task<Done> Handle(WithdrawAnnouncement command, CancellationToken ct)
    {
        var a = await announcements.Get(command.Id, ct);
        if (a.State != Announcement.Published) throw new RuleBroken("公告没有发布。");
        a.State = Announcement.Withdrawn;
        await announcements.Update(a, ct: ct);
        return default;
    }
}

/// <summary>Tells the receivers of what has begun; by the clock for those whose first day comes later.</summary>
public sealed record AnnounceDue : ICommand<Done>;

internal sealed class AnnounceDueHandler(Announcer announcer) : ICommandHandler<AnnounceDue, Done>
{
    public async Task<Done> Handle(AnnounceDue command, CancellationToken ct)
    {
        await announcer.Tell(ct);
        return default;
    }
}

/// <summary>Sends each announcement's message once: whoever marks it first.</summary>
internal sealed class Announcer(IDb db, IScope scope, IDocuments<Announcement> announcements, Audience audience, IMessages messages, IFormat format, TimeProvider clock)
{
    public async Task Tell(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(now, format.Zone));
        foreach (var id in await db.Query<long>($"""
            select a.id from office.announcement a where a.state = 'published' and a.announced_at is null and a.deleted_at is null and (a.from_day is null or a.from_day <= {today}) and (a.until_day is null or a.until_day >= {today})
              and {scope.All("announcement", "tells its receivers that there is one")}
            """, ct))
        {
            if (await db.Execute($"update office.announcement set announced_at = {now} where id = {id} and announced_at is null and state = 'published' and {scope.All("announcement", "tells its receivers that there is one")}", ct) == 0) continue;
            if (await announcements.FindAny(id, "tells its receivers that there is one", ct) is not { } a) continue;
            await messages.SendTo((await audience.Of(a, ct)).Select(p => p.Id), "announcement", $"{(a.MustRead ? "【必读】" : "")}公告：{a.Title}", $"/office/board?id={id}", ct);
        }
    }
}
