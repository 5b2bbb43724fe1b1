using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Opportunities;
using KuaipuCrm.Tests.Outgoing;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static KuaipuCrm.Tests.Marketing.Campaigner;

namespace KuaipuCrm.Tests.Marketing;

/// <summary>Anyone fills in a campaign's public form (MKT-6): leads come of it, and nothing else does.</summary>
public class FormFilling
{
    private static string Mobile() => $"139{Random.Shared.Next(10_000_000, 99_999_999)}";

    private static async Task<Answer> Look(Employee who, string path, string? seal = null)
    {
        var page = await who.Get(path);
        Assert.True(seal is null || page.Text.Contains(seal, StringComparison.Ordinal));
        return page;
    }

    private static string Seal(Answer page) => WebUtility.HtmlDecode(Regex.Match(page.Text, "name=\"seal\" value=\"([^\"]+)\"").Groups[1].Value);

    private static Task<Answer> Fill(Employee who, string path, params (string Name, string Value)[] values) =>
        who.Send(HttpMethod.Post, path, new FormUrlEncodedContent(values.Select(v => KeyValuePair.Create(v.Name, v.Value))));

    private static async Task<string> Open(Employee who, long id)
    {
        (await who.Post($"{All}/{id}/web-form", new { open = true, title = "体验会<报名>", intro = "欢迎" })).Ok();
        return (await who.Get($"{All}/{id}/web-form")).Ok().Json.GetProperty("path").GetString()!;
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-6"), Trait("req", "MKT-4"), Trait("req", "SEC-6")]
    public async Task A_visitor_makes_a_lead_and_replays_robots_forgers_and_floods_make_none(string engine)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), clock, settings: ("Public:PostsPerHour", "60"));
        var (li, visitor) = (await crm.Hire(Rights), crm.Stranger());
        var id = await li.Campaign();
        var path = await Open(li, id);
        async Task<long> Leads() => (await li.List($"{Campaigner.LeadRows}?campaignId={id}")).Count;
        async Task Settled() => await Post.Until(async () => await crm.Db.First<long>($"select count(*) from platform.delivery") == 0, "events are handled");

        // The page: plain, in Chinese, safe, not kept by anyone on the way.
        var page = await Look(visitor, path);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("体验会&lt;报名&gt;", page.Text);
        Assert.DoesNotContain("<script", page.Text);
        Assert.Equal("no-store", page.Headers["Cache-Control"]);
        var (mobile, seal) = (Mobile(), Seal(page));
        (string, string)[] good = [("seal", seal), ("name", "陈先生"), ("mobile", mobile), ("company", "示例机械有限公司"), ("content", "想了解报价<script>"), ("website", "")];
        // Nobody is as fast as that.
        (await Fill(visitor, path, good)).Is(400);
        clock.Advance(TimeSpan.FromSeconds(10));
        // A value that is no good: said without saying it back; the copy may be sent again.
        foreach (var (name, value) in new[] { ("mobile", "12<b>"), ("name", new string('长', 41)), ("name", ""), ("email", "x y@z") })
        {
            var told = (await Fill(visitor, path, [.. good.Where(g => g.Item1 != name), (name, value)])).Is(400);
            Assert.DoesNotContain("示例机械", told.Text);
            Assert.DoesNotContain("<b>", told.Text);
        }
        // Fields that are not on the form count for nothing.
        var taken = (await Fill(visitor, path, [.. good, ("ownerId", "1"), ("status", "converted"), ("campaignId", "1"), ("DocumentId", "1"), ("key", "x")])).Is(200);
        Assert.DoesNotContain("示例机械", taken.Text);
        // The same copy again, by twenty at once: refused, and no second lead.
        var replays = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Fill(visitor, path, good)));
        Assert.All(replays, r => Assert.Equal(409, (int)r.Status));
        await Settled();
        var lead = (await li.Get($"{Campaigner.LeadRows}/{Assert.Single(await li.List($"{Campaigner.LeadRows}?campaignId={id}"))}")).Ok().Json;
        Assert.Equal(("陈先生", mobile, "示例机械有限公司", "想了解报价<script>", li.Id.ToString(), "open", id.ToString(), "register"),
            (lead.Text("contactName"), lead.Text("mobile"), lead.Text("company"), lead.Text("content"), lead.Text("ownerId"), lead.Text("status"), lead.Text("campaignId"), lead.Text("source")));
        Assert.Contains("公开表单", (await li.Get("/api/platform/messages")).Ok().Text);
        // What was typed stands in the lead and nowhere else.
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from marketing.web_answer where mobile = {mobile}"));
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from platform.event where payload like {"%" + mobile + "%"}"));

        // Asked once more within a day: heard in the same lead, and its owner is told; another person is another lead.
        clock.Advance(TimeSpan.FromMinutes(2));
        var copies = new List<string>();
        for (var i = 0; i < 5; i++) copies.Add(Seal(await Look(visitor, path)));
        clock.Advance(TimeSpan.FromSeconds(10));
        (await Fill(visitor, path, ("seal", copies[0]), ("name", "陈先生"), ("mobile", mobile), ("content", "还要培训"))).Is(200);
        (await Fill(visitor, path, ("seal", copies[1]), ("name", "林女士"), ("email", "lin@example.com"))).Is(200);
        // A colleague of the first one, whose finger trembles: one of the same copies is taken, and it is a lead of its own.
        var trembling = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Fill(visitor, path, ("seal", copies[4]), ("name", "王工"), ("mobile", Mobile()), ("company", "示例机械有限公司"))));
        Assert.Equal((1, 5), (trembling.Count(t => (int)t.Status == 200), trembling.Count(t => (int)t.Status == 409)));
        // A robot fills in everything, is thanked, and makes nothing.
        (await Fill(visitor, path, ("seal", copies[2]), ("name", "robot"), ("mobile", Mobile()), ("website", "https://spam.example"))).Is(200);
        // A copy of another form, or none of ours.
        var other = await Open(li, await li.Campaign());
        foreach (var forged in new[] { "", "x", copies[3][..^2] + "AA" }) (await Fill(visitor, path, ("seal", forged), ("name", "甲"), ("mobile", Mobile()))).Is(400);
        (await Fill(visitor, other, ("seal", copies[3]), ("name", "甲"), ("mobile", Mobile()))).Is(400);
        await Settled();
        Assert.Equal(3, await Leads());
        Assert.Contains("又填写了公开表单", (await li.Get("/api/platform/messages")).Ok().Text);
        Assert.Contains("还要培训", (await li.Get($"{Campaigner.LeadRows}/{lead.Text("id")}")).Ok().Json.Text("content"));
        Assert.Equal(4, (await li.Get($"{All}/{id}/web-form")).Ok().Json.GetProperty("received").GetInt32());
        // Left lying for a day.
        clock.Advance(TimeSpan.FromHours(13));
        (await Fill(visitor, path, ("seal", copies[3]), ("name", "甲"), ("mobile", Mobile()))).Is(400);
        // Too long: not even read.
        (await Fill(visitor, path, ("seal", copies[3]), ("name", "甲"), ("content", new string('x', 40_000)))).Is(413);

        // A flood from one address is turned away, a minute later people get through again.
        clock.Advance(TimeSpan.FromMinutes(2));
        var flood = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Fill(visitor, path, ("seal", "x"), ("name", "洪水"), ("mobile", Mobile()))));
        Assert.Equal(40, flood.Count(f => (int)f.Status == 429));
        Assert.All(flood.Where(f => (int)f.Status == 429), f => Assert.True(f.Headers.ContainsKey("Retry-After")));
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(200, (int)(await Look(visitor, path)).Status);
        // Who keeps below the minute's number is turned away by the hour's, and let in again with the next.
        Task<Answer[]> Patient() => Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Fill(visitor, path, ("seal", "x"), ("name", "耐心"), ("mobile", Mobile()))));
        clock.Advance(TimeSpan.FromSeconds(3600 - clock.GetUtcNow().ToUnixTimeSeconds() % 3600));
        for (var minute = 0; minute < 3; minute++)
        {
            Assert.All(await Patient(), a => Assert.Equal(400, (int)a.Status));
            clock.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.All(await Patient(), a => Assert.Equal((429, true), ((int)a.Status, int.Parse(a.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture) > 3000)));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.All(await Patient(), a => Assert.Equal(400, (int)a.Status));
        // Overnight the session has ended.
        li = await crm.As(li.Id, li.Login, li.Name);
        Assert.Equal(3, await Leads());
    }

    [Theory, OnEveryEngine, Trait("req", "MKT-6"), Trait("req", "LEA-3")]
    public async Task An_unknown_or_closed_form_tells_nothing_and_only_who_may_change_the_campaign_opens_it(string engine)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.StartOn(engine, await Databases.Fresh(engine), clock, settings: [("Public:PostsPerDay", "40"), ("Public:FormAnswersPerHour", "3"), ("Public:FormAnswersPerDay", "4")]);
        var (li, wu, visitor) = (await crm.Hire(Rights), await crm.Hire(Rights), crm.Stranger());
        var id = await li.Campaign(running: false);
        Assert.Equal(JsonValueKind.Null, (await li.Get($"{All}/{id}/web-form")).Ok().Json.GetProperty("path").ValueKind);
        var paths = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Open(li, id)));
        var path = Assert.Single(paths.Distinct());
        var unknown = (await Look(visitor, path[..^32] + new string('0', 32))).Is(404).Text;
        async Task Nothing(string at)
        {
            Assert.Equal(unknown, (await visitor.Get(at)).Is(404).Text);
            Assert.Equal(unknown, (await Fill(visitor, at, ("seal", "x"), ("name", "甲"))).Is(404).Text);
        }
        // Before the start; then open; then switched off; then at another address; then over.
        await Nothing(path);
        (await li.Post($"{All}/{id}/start", new { })).Ok();
        (await Look(visitor, path)).Is(200);
        var waiting = Seal(await Look(visitor, path));
        (await li.Post($"{All}/{id}/web-form", new { open = false })).Ok();
        await Nothing(path);
        await Open(li, id);
        (await li.Post($"{All}/{id}/web-form/renew", new { })).Ok();
        await Nothing(path);
        var renewed = (await li.Get($"{All}/{id}/web-form")).Ok().Json.GetProperty("path").GetString()!;
        clock.Advance(TimeSpan.FromSeconds(10));
        (await Fill(visitor, renewed, ("seal", waiting), ("name", "甲"), ("mobile", Mobile()))).Is(400);
        // Whoever doesn't see the campaign, or may not change it, touches nothing.
        (await wu.Get($"{All}/{id}/web-form")).Refused(404);
        foreach (var act in new[] { "web-form", "web-form/renew" })
        {
            (await wu.Post($"{All}/{id}/{act}", new { open = false })).Refused(404);
            (await (await crm.Hire(["marketing.campaigns.read"], ScopeKind.All)).Post($"{All}/{id}/{act}", new { open = false })).Refused(403);
        }
        // Signed in or not: on this page everyone is nobody; odd paths and methods break nothing.
        Assert.Equal((await Look(visitor, renewed)).Text.Length, (await Look(li, renewed)).Text.Length);
        foreach (var odd in new[] { "/public", "/public/marketing", "/public/marketing/form/", "/public/marketing/form/%0d%0aX:y", "/public/marketing/form/..%2f..%2fapi", "/public/leads/form/x" })
            Assert.True((int)(await visitor.Get(odd)).Status is 302 or 400 or 404, odd);
        Assert.True((int)(await visitor.Send(HttpMethod.Post, renewed, "{\"name\":\"甲\"}")).Status is 400 or 415);
        // A rule gives the leads of forms out in turn.
        var rule = await crm.Admin.Create("/api/leads/rules", new { name = Crm.Name("表单"), sort = 1, source = "register", automatic = true });
        (await crm.Admin.Post($"/api/leads/rules/{rule}/members/{wu.Id}/add", new { })).Ok();
        var seal = Seal(await Look(visitor, renewed));
        clock.Advance(TimeSpan.FromSeconds(10));
        (await Fill(visitor, renewed, ("seal", seal), ("name", "按规则"), ("mobile", Mobile()))).Is(200);
        await Post.Until(async () => (await wu.List($"{Campaigner.LeadRows}?contactName=按规则")).Count == 1, "the rule gives it out");

        // Robots take no room from people; these are so many in an hour and in a day, and the owner is told of it once.
        var copies = new List<string>();
        for (var i = 0; i < 11; i++) copies.Add(Seal(await Look(visitor, renewed)));
        clock.Advance(TimeSpan.FromMinutes(2));
        async Task Answered(int status, string? website = null)
        {
            (await Fill(visitor, renewed, ("seal", copies[0]), ("name", "访客"), ("mobile", Mobile()), ("website", website ?? ""))).Is(status);
            copies.RemoveAt(0);
        }
        for (var i = 0; i < 4; i++) await Answered(200, "https://spam.example");
        foreach (var status in new[] { 200, 200, 429, 429 }) await Answered(status);
        clock.Advance(TimeSpan.FromMinutes(61));
        foreach (var status in new[] { 200, 429 }) await Answered(status);
        await Post.Until(async () => await crm.Db.First<long>($"select count(*) from platform.delivery") == 0, "events are handled");
        Assert.Equal(1, await crm.Db.First<long>($"select count(*) from platform.message where user_id = {li.Id} and text like {"%已达上限%"}"));
        clock.Advance(TimeSpan.FromHours(25));
        copies[0] = Seal(await Look(visitor, renewed));
        clock.Advance(TimeSpan.FromSeconds(10));
        await Answered(200);
        // Overnight the session has ended.
        li = await crm.As(li.Id, li.Login, li.Name);
        (await li.Post($"{All}/{id}/finish", new { })).Ok();
        await Nothing(renewed);
        // One address sends so much in a day, however patiently, and begins anew with the next.
        clock.Advance(TimeSpan.FromSeconds(86_400 - clock.GetUtcNow().ToUnixTimeSeconds() % 86_400));
        Task<Answer[]> Patient() => Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Fill(visitor, renewed, ("seal", "x"), ("name", "耐心"))));
        for (var i = 0; i < 2; i++)
        {
            Assert.All(await Patient(), a => Assert.Equal(404, (int)a.Status));
            clock.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.All(await Patient(), a => Assert.Equal((429, true), ((int)a.Status, int.Parse(a.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture) > 3600)));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.All(await Patient(), a => Assert.Equal(404, (int)a.Status));
    }
}
