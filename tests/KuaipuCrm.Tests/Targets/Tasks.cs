using System.Text.Json;
using KuaipuCrm.Sdk;
using KuaipuCrm.Targets.Tasks;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KuaipuCrm.Tests.Targets;

/// <summary>One gives another something to do, hears how it goes and looks at what was done (TGT-5).</summary>
[Trait("req", "TGT-5")]
public class Tasks
{
    private const string All = "/api/targets/tasks";
    private static readonly string[] Worker = ["targets.tasks.read", "targets.tasks.create", "targets.tasks.update"], Giver = [.. Worker, "targets.tasks.assign"];

    private static async Task<string> Status(Employee who, long task) => (await who.Get($"{All}/{task}")).Ok().Json.GetProperty("status").GetString()!;

    private static async Task<List<string>> Inbox(Employee who) => [.. (await who.Get("/api/platform/messages")).Ok().Json.EnumerateArray().Where(m => m.GetProperty("kind").GetString() == "task").Select(m => m.GetProperty("text").GetString()!)];

    [Theory, OnEveryEngine]
    public async Task A_task_is_given_accepted_reported_checked_and_everyone_concerned_hears_of_it(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (boss, li, wu) = (await crm.Hire(Giver), await crm.Hire(Worker), await crm.Hire(Worker));
        var subject = Crm.Name("回访客户");
        var id = await boss.Create(All, new { subject, ownerId = li.Id, deadline = "2099-01-31", priority = "high" });
        Assert.Equal("assigned", await Status(li, id));
        Assert.Contains(await Inbox(li), t => t.Contains(subject));
        (await wu.Get($"{All}/{id}")).Refused(404);
        (await boss.Post($"{All}/{id}/accept", new { })).Refused(422);
        (await li.Post($"{All}/{id}/report", new { progress = 10 })).Refused(422);
        (await li.Post($"{All}/{id}/accept", new { })).Ok();
        (await li.Post($"{All}/{id}/report", new { progress = 50, note = "一半了" })).Ok();
        (await li.Post($"{All}/{id}/check", new { passed = true })).Refused(422);
        (await li.Post($"{All}/{id}/report", new { progress = 100, note = "好了" })).Ok();
        Assert.Equal("reported", await Status(boss, id));
        (await boss.Post($"{All}/{id}/check", new { passed = false })).Refused(400);
        (await boss.Post($"{All}/{id}/check", new { passed = false, note = "少一份报告" })).Ok();
        Assert.Equal("doing", await Status(li, id));
        (await li.Post($"{All}/{id}/report", new { progress = 100 })).Ok();
        (await boss.Post($"{All}/{id}/check", new { passed = true })).Ok();
        var done = (await boss.Get($"{All}/{id}")).Ok().Json;
        Assert.Equal(("closed", 100), (done.GetProperty("status").GetString(), done.GetProperty("progress").GetInt32()));
        Assert.NotEqual(JsonValueKind.Null, done.GetProperty("closedAt").ValueKind);
        Assert.Equal(["accept", "report", "report", "fail", "report", "pass"], (await li.Get($"{All}/{id}/reports")).Ok().Json.EnumerateArray().Select(r => r.GetProperty("kind").GetString()!).Reverse());
        (await wu.Get($"{All}/{id}/reports")).Refused(404);
        Assert.Contains(await Inbox(li), t => t.Contains("检查通过"));
        Assert.Contains(await Inbox(boss), t => t.Contains("50%"));
        // What is over is over.
        (await boss.Post($"{All}/{id}/cancel", new { })).Refused(422);
        // The steps alone move it: not the form.
        (await li.Patch($"{All}/{id}", new { status = "doing", version = done.GetProperty("version").GetInt64() })).Refused(400);
    }

    [Theory, OnEveryEngine]
    public async Task Giver_and_doer_see_it_the_doer_does_not_change_what_was_asked_and_the_lists_tell_whose_it_is(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (boss, li, wu) = (await crm.Hire(Giver), await crm.Hire(Worker), await crm.Hire(Worker));
        (await li.Post(All, new { subject = "给同事", ownerId = wu.Id })).Refused(400);
        var given = await boss.Create(All, new { subject = Crm.Name("派的"), ownerId = li.Id, deadline = "2020-01-01" });
        var own = await li.Create(All, new { subject = Crm.Name("自己的"), ownerId = li.Id });
        Assert.Equal("doing", await Status(li, own));
        (await li.Patch($"{All}/{given}", new { deadline = "2099-01-01", version = 1 })).Refused(400);
        (await boss.Patch($"{All}/{given}", new { deadline = "2020-01-02", version = 1 })).Ok();
        Assert.Equal([given], await boss.List($"{All}?assignerId=@me"));
        Assert.Equal(new[] { given, own }.Order(), (await li.List($"{All}?ownerId=@me")).Order());
        Assert.Equal([given], await li.List($"{All}?deadline.within=beforeToday"));
        Assert.Empty(await wu.List(All));
        // Given on: the new one has to accept, the former one sees it no more.
        (await boss.Patch($"{All}/{given}", new { ownerId = wu.Id, version = 2 })).Ok();
        Assert.Equal("assigned", await Status(wu, given));
        (await li.Get($"{All}/{given}")).Refused(404);
        (await li.Post($"{All}/{own}/report", new { progress = 100 })).Ok();
        Assert.Equal("closed", await Status(li, own));
        (await li.Post($"{All}/{own}/report", new { progress = 101 })).Refused(400);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-12"), Trait("req", "SEC-2")]
    public async Task A_task_is_tied_to_any_document_one_may_see_and_its_owner_sees_the_task(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (boss, li, wu) = (await crm.Hire([.. Giver, .. Employee.Sales, "customers.customers.assign"], ScopeKind.All), await crm.Hire([.. Worker, .. Employee.Sales]), await crm.Hire([.. Worker, .. Employee.Sales]));
        var (customer, contact) = (await li.Customer(Crm.Name("客户")), await wu.Contact(Crm.Name("联系人")));
        var first = await boss.Create(All, new { subject = Crm.Name("客户任务"), ownerId = boss.Id, documentId = customer });
        var second = await boss.Create(All, new { subject = Crm.Name("联系人任务"), ownerId = boss.Id, documentId = contact });
        Assert.Equal([first], await li.List($"{All}?tiedTo={customer}&tiedBy=tasks"));
        Assert.Equal([second], await wu.List($"{All}?tiedTo={contact}&tiedBy=tasks"));
        (await li.Get($"{All}/{second}")).Refused(404);
        // Only to what one may see; and nothing to itself.
        (await li.Post(All, new { subject = "偷看", ownerId = li.Id, documentId = contact })).Refused(400);
        (await li.Post(All, new { subject = "没有", ownerId = li.Id, documentId = 1 })).Refused(400);
        Assert.Equal(customer, (await li.Get($"/api/platform/documents/{customer}")).Ok().Json.GetProperty("id").GetInt64());
        (await li.Get($"/api/platform/documents/{contact}")).Refused(404);
        // The customer goes to another: so does the sight of the task.
        (await boss.Patch($"/api/customers/customers/{customer}", new { ownerId = wu.Id, version = 1 })).Ok();
        Assert.Equal([first], await wu.List($"{All}?tiedTo={customer}&tiedBy=tasks"));
        Assert.Empty(await li.List($"{All}?tiedTo={customer}&tiedBy=tasks"));
    }

    [Theory, OnEveryEngine]
    public async Task Twenty_clicks_at_once_accept_a_task_once(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (boss, li) = (await crm.Hire(Giver), await crm.Hire(Worker));
        var id = await boss.Create(All, new { subject = Crm.Name("抢"), ownerId = li.Id });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => li.Post($"{All}/{id}/accept", new { })));
        Assert.Equal(1, answers.Count(a => (int)a.Status == 200));
        Assert.All(answers.Where(a => (int)a.Status != 200), a => Assert.True((int)a.Status is 409 or 422, a.Text));
        Assert.Single((await li.Get($"{All}/{id}/reports")).Ok().Json.EnumerateArray());
    }

    [Theory, OnEveryEngine]
    public async Task A_recurring_task_comes_once_a_period_however_many_hosts_and_once_after_days_of_silence(string engine)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 2, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(engine, clock);
        var (boss, li) = (await crm.Hire(Giver), await crm.Hire(Worker));
        var (former, left, heir) = (await crm.Hire(Giver), await crm.Hire(Worker), await crm.Hire(Worker));
        var orphaned = await former.Create(All, new { subject = "前任派的", ownerId = heir.Id, repeatBy = "daily", deadline = "2026-03-03" });
        await boss.Create(All, new { subject = "没人做的", ownerId = left.Id, repeatBy = "daily" });
        foreach (var gone in new[] { former, left }) (await crm.Admin.Patch($"/api/settings/users/{gone.Id}", new { status = "disabled", version = (await crm.Admin.Get($"/api/settings/users/{gone.Id}")).Ok().Json.GetProperty("version").GetInt64() })).Ok();
        var id = await boss.Create(All, new { subject = "每日巡检", ownerId = li.Id, deadline = "2026-03-03", repeatBy = "daily", repeatUntil = "2026-03-20" });
        async Task Run(int times) => await Task.WhenAll(Enumerable.Range(0, times).Select(_ => RunOne(crm)));
        await Run(4);
        Assert.Single(await li.List(All));
        async Task Pass(int days)
        {
            clock.Advance(TimeSpan.FromDays(days));
            // Sessions end over night.
            (boss, li, heir) = (await crm.As(boss.Id, boss.Login, boss.Name), await crm.As(li.Id, li.Login, li.Name), await crm.As(heir.Id, heir.Login, heir.Name));
        }
        await Pass(1);
        await Run(8);
        var after = (await li.Get($"{All}?sort=number&columns=deadline,assignerId,status")).Ok().Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, after.Count);
        Assert.Equal(("2026-03-04", boss.Id, "assigned"), (after[1].GetProperty("deadline").GetString(), after[1].GetProperty("assignerId").GetInt64(), after[1].GetProperty("status").GetString()));
        // Whose giver has left goes on, given by its doer; whose doer has left ends, and the giver is told. Neither holds the others up.
        var taken = (await heir.Get($"{All}?sort=number&columns=assignerId,seriesId")).Ok().Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal((2, heir.Id, orphaned), (taken.Count, taken[1].GetProperty("assignerId").GetInt64(), taken[1].GetProperty("seriesId").GetInt64()));
        Assert.Single(await Inbox(boss), t => t.Contains("没人做的", StringComparison.Ordinal) && t.Contains("不再重复", StringComparison.Ordinal));
        await Pass(5);
        await Run(3);
        Assert.Equal(3, (await li.List(All)).Count);
        await Pass(1);
        // Done, and repeating all the same: it is stopped from any of the series, by whoever gave it.
        (await li.Post($"{All}/{id}/accept", new { })).Ok();
        (await li.Post($"{All}/{id}/report", new { progress = 100 })).Ok();
        (await boss.Post($"{All}/{id}/check", new { passed = true })).Ok();
        (await boss.Post($"{All}/{id}/cancel", new { })).Refused(422);
        var second = after[1].GetProperty("id").GetInt64();
        (await li.Post($"{All}/{second}/stop-repeating", new { })).Refused(422);
        (await boss.Post($"{All}/{second}/stop-repeating", new { })).Ok();
        (await boss.Post($"{All}/{second}/stop-repeating", new { })).Refused(422);
        await Run(2);
        Assert.Equal(3, (await li.List(All)).Count);
        // Reminded once a day, of what is overdue and open.
        var before = (await Inbox(li)).Count(t => t.Contains("逾期"));
        await Task.WhenAll(crm.Send(crm.Admin, new RemindTasks()), crm.Send(crm.Admin, new RemindTasks()));
        Assert.Equal(before + 1, (await Inbox(li)).Count(t => t.Contains("逾期")));
    }

    [Theory, OnEveryEngine, Trait("req", "SET-1")]
    public async Task What_a_leaver_gave_is_checked_by_the_heir_and_until_then_by_whoever_stands_above(string engine)
    {
        var crm = await Crm.Shared(engine);
        var boss = await crm.Hire(Giver, ScopeKind.OwnAndSubordinates);
        var (leaver, li, heir) = (await crm.Hire(await crm.Department("部门"), await crm.Role(Giver), boss.Id), await crm.Hire(Worker), await crm.Hire(Giver));
        var tasks = new List<long>();
        foreach (var i in Enumerable.Range(0, 2))
        {
            tasks.Add(await leaver.Create(All, new { subject = Crm.Name("离职前派的"), ownerId = li.Id }));
            (await li.Post($"{All}/{tasks[i]}/accept", new { })).Ok();
            (await li.Post($"{All}/{tasks[i]}/report", new { progress = 100 })).Ok();
        }
        (await boss.Post($"{All}/{tasks[0]}/check", new { passed = true })).Refused(422);
        (await crm.Admin.Patch($"/api/settings/users/{leaver.Id}", new { status = "disabled", version = (await crm.Admin.Get($"/api/settings/users/{leaver.Id}")).Ok().Json.GetProperty("version").GetInt64() })).Ok();
        (await boss.Post($"{All}/{tasks[0]}/check", new { passed = true })).Ok();
        (await heir.Get($"{All}/{tasks[1]}")).Refused(404);
        (await crm.Admin.Post($"/api/settings/users/{leaver.Id}/hand-over", new { heirs = new Dictionary<string, long[]>(), reason = "离职", disable = false, besideTo = heir.Id })).Ok();
        (await boss.Post($"{All}/{tasks[1]}/check", new { passed = true })).Refused(404);
        (await heir.Post($"{All}/{tasks[1]}/check", new { passed = true })).Ok();
    }

    [Fact]
    public void A_turn_is_reckoned_from_the_first_day()
    {
        var first = new DateOnly(2026, 1, 31);
        Assert.Equal(new DateOnly(2026, 2, 28), WorkTask.Next(WorkTask.Monthly, first, first));
        Assert.Equal(new DateOnly(2026, 3, 31), WorkTask.Next(WorkTask.Monthly, first, new(2026, 2, 28)));
        Assert.Equal(new DateOnly(2026, 2, 14), WorkTask.Next(WorkTask.Weekly, first, new(2026, 2, 10)));
        Assert.Null(WorkTask.Next(WorkTask.Once, first, first));
    }

    private static async Task RunOne(Crm crm)
    {
        await using var scope = Autofac.Extensions.DependencyInjection.ServiceProviderExtensions.GetAutofacRoot(crm.Services).BeginLifetimeScope();
        Autofac.ResolutionExtensions.Resolve<KuaipuCrm.Platform.Security.Caller>(scope).ActAsSystem("job");
        await Autofac.ResolutionExtensions.Resolve<RepeatTasks>(scope).Run(default);
    }
}
