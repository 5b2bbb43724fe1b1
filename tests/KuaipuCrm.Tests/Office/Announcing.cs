using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KuaipuCrm.Tests.Office;

/// <summary>Announcements and who has read them (OFF-1).</summary>
public class Announcing
{
    private const string Announcements = "/api/office/announcements", Board = "/api/office/board";

    [Theory, OnEveryEngine, Trait("req", "OFF-1"), Trait("req", "UI-6")]
    public async Task An_announcement_reaches_those_it_is_for_and_tells_who_has_read_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (north, south) = (await crm.Department("北区"), await crm.Department("南区"));
        var below = await crm.Department("北区一组", north);
        var role = await crm.Role([]);
        var (reader, other, elsewhere) = (await crm.Hire(north, role), await crm.Hire(below, role), await crm.Hire(south, role));
        var title = Crm.Name("放假通知");
        var id = await crm.Admin.Create(Announcements, new { title, body = "<script>alert(1)</script>\n国庆放假", audience = "departments", mustRead = true });
        (await crm.Admin.Post($"{Announcements}/{id}/publish", new { })).Refused(422);
        (await crm.Admin.Post($"{Announcements}/{id}/departments", new { departments = new[] { 999_999_999L } })).Refused(400);
        (await crm.Admin.Post($"{Announcements}/{id}/departments", new { departments = new[] { north } })).Ok();
        Assert.DoesNotContain(title, (await reader.Get(Board)).Ok().Text);
        // Of twenty who press the button one publishes, and the message goes once.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => crm.Admin.Post($"{Announcements}/{id}/publish", new { })));
        Assert.Single(answers, a => (int)a.Status == 200);
        foreach (var person in new[] { reader, other })
        {
            Assert.Equal(1, (await person.Get($"{Board}/counts")).Ok().Json.GetProperty("mustRead").GetInt64());
            Assert.Equal(1, await crm.Db.First<long>($"select count(*) from platform.message where user_id = {person.Id} and kind = 'announcement' and text like {"%" + title}"));
        }
        Assert.DoesNotContain(title, (await elsewhere.Get(Board)).Ok().Text);
        (await elsewhere.Post($"{Board}/{id}/read", new { })).Refused(404);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => reader.Post($"{Board}/{id}/read", new { }))), a => Assert.True((int)a.Status is 200 or 409));
        Assert.Equal(0, (await reader.Get($"{Board}/counts")).Ok().Json.GetProperty("mustRead").GetInt64());
        var readers = (await crm.Admin.Get($"{Announcements}/{id}/readers")).Ok().Json.EnumerateArray().ToDictionary(r => r.GetProperty("userId").GetInt64(), r => r.GetProperty("readAt").ValueKind != System.Text.Json.JsonValueKind.Null);
        Assert.Equal(new Dictionary<long, bool> { [reader.Id] = true, [other.Id] = false }, readers);
        (await reader.Get($"{Announcements}/{id}/readers")).Refused(403);
        (await reader.Post($"{Announcements}/{id}/publish", new { })).Refused(403);
        (await crm.Admin.Post($"{Announcements}/{id}/departments", new { departments = new[] { south } })).Refused(422);
        // What was read stays as it was read; withdrawn and worded anew, it is to be read anew.
        async Task<long> Version() => (await crm.Admin.Get($"{Announcements}/{id}")).Ok().Json.GetProperty("version").GetInt64();
        foreach (var change in new object[] { new { body = "国庆放假一天", version = await Version() }, new { audience = "all", version = await Version() }, new { mustRead = false, version = await Version() } })
            (await crm.Admin.Patch($"{Announcements}/{id}", change)).Refused(400);
        (await crm.Admin.Patch($"{Announcements}/{id}", new { untilDay = "2099-12-31", version = await Version() })).Ok();
        (await crm.Admin.Post($"{Announcements}/{id}/withdraw", new { })).Ok();
        Assert.DoesNotContain(title, (await other.Get(Board)).Ok().Text);
        (await crm.Admin.Post($"{Announcements}/{id}/withdraw", new { })).Refused(422);
        (await crm.Admin.Patch($"{Announcements}/{id}", new { body = "国庆放假一天", version = await Version() })).Ok();
        (await crm.Admin.Post($"{Announcements}/{id}/publish", new { })).Ok();
        Assert.Equal(1, (await reader.Get($"{Board}/counts")).Ok().Json.GetProperty("mustRead").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "OFF-1")]
    public async Task It_is_seen_from_its_first_day_to_its_last_and_told_on_the_first(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 2, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var reader = await crm.Hire([]);
        var title = Crm.Name("年会");
        (await crm.Admin.Post(Announcements, new { title, body = "x", audience = "all", fromDay = "2026-11-27", untilDay = "2026-11-26" })).Refused(400);
        var id = await crm.Admin.Create(Announcements, new { title, body = "x", audience = "all", fromDay = "2026-11-27", untilDay = "2026-11-28" });
        (await crm.Admin.Post($"{Announcements}/{id}/publish", new { })).Ok();
        async Task<(bool Seen, long Told)> Stands()
        {
            await crm.Send(crm.Admin, new KuaipuCrm.Office.Announcements.AnnounceDue());
            var again = await crm.As(reader.Id, reader.Login, reader.Name);
            return ((await again.Get(Board)).Ok().Text.Contains(title, StringComparison.Ordinal), await crm.Db.First<long>($"select count(*) from platform.message where user_id = {reader.Id} and kind = 'announcement'"));
        }
        Assert.Equal((false, 0), await Stands());
        clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal((true, 1), await Stands());
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal((true, 1), await Stands());
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal((false, 1), await Stands());
    }
}
