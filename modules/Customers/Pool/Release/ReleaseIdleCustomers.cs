using System.Globalization;
using KuaipuCrm.Customers.Events;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Customers.Pool.Release;

/// <summary>
/// Releases by the rules, every day (CUS-12): warns the owners, then takes the due customers in batches, each one transaction of one journaled act.
/// Killed in the midst, the next run goes on with the same act: what is released is due no more.
/// </summary>
internal sealed class ReleaseIdleCustomers(IMediator mediator) : IJob
{
    public async Task<string?> Run(CancellationToken ct)
    {
        var told = await mediator.Send(new WarnOwners(), ct);
        var run = await mediator.Send(new OpenReleaseRun(), ct);
        if (run == 0) return told == 0 ? "没有启用的自动解锁规则到期。" : $"提醒了 {told} 位负责人；没有到期的客户。";
        for (var place = new ReleasePlace(0, null, 0); ;)
        {
            var next = await mediator.Send(new ReleaseBatch(run, place), ct);
            if (next is null) break;
            place = next;
        }
        var done = await mediator.Send(new CloseReleaseRun(run), ct);
        return $"解锁了 {done.ToString("N0", CultureInfo.InvariantCulture)} 个客户，提醒了 {told} 位负责人。";
    }
}

/// <summary>How far a run is: the rule, and the last customer looked at.</summary>
internal sealed record ReleasePlace(int Rule, DateTime? After, long AfterId);

/// <summary>Opens the run of the day, or finds the one that was stopped.</summary>
/// <remarks>Gives 0 where there is nothing to release.</remarks>
[Action("自动解锁：开始", "customers.rules.manage")]
internal sealed record OpenReleaseRun : ICommand<long>;

/// <summary>Releases the next few; null when there is nothing left.</summary>
[Action("自动解锁", "customers.rules.manage")]
internal sealed record ReleaseBatch(long RunId, ReleasePlace Place) : ICommand<ReleasePlace?>;

/// <summary>Closes the run; gives how many were released in all.</summary>
[Action("自动解锁：结束", "customers.rules.manage")]
internal sealed record CloseReleaseRun(long RunId) : ICommand<int>;

internal sealed class ReleaseRunHandlers(IDb db, IScope scope, IIds ids, IDocuments<Customer> customers, IOperations operations, IEvents events, LockDesk desk, LockQuota quota, Pools pools, DueCustomers due, ReleaseRulesInForce rules, TimeProvider clock)
    : ICommandHandler<OpenReleaseRun, long>, ICommandHandler<ReleaseBatch, ReleasePlace?>, ICommandHandler<CloseReleaseRun, int>
{
    /// <summary>Small enough that nobody waits long for the one writer of SQLite.</summary>
    internal const int Batch = 1_000;

    public async Task<long> Handle(OpenReleaseRun command, CancellationToken ct)
    {
        if (await db.First<long?>($"select r.id from customers.release_run r where r.state = 'running'", ct) is { } stopped) return stopped;
        var (today, any) = (quota.Today, false);
        foreach (var rule in await InForce(ct)) any |= await db.First<long?>($"select c.id from customers.customer c where {Everyones} and {due.Releasable(rule, "c", today)} order by c.id {db.Dialect.Page(1)}", ct) is not null;
        if (!any) return 0;
        var operation = await operations.Begin("auto-release", $"自动解锁 {today:yyyy-MM-dd}", "customer", 0, ct);
        var id = ids.Next();
        await db.Insert("customers.release_run", ["id", "operation_id", "state", "done", "at"], [[id, operation, "running", 0L, clock.GetUtcNow().UtcDateTime]], ct);
        return id;
    }

    public async Task<ReleasePlace?> Handle(ReleaseBatch command, CancellationToken ct)
    {
        var (run, all) = ((await db.First<Run>($"select operation_id, done from customers.release_run where id = {command.RunId}", ct))!, await InForce(ct));
        if (command.Place.Rule >= all.Count) return null;
        var (rule, today, place) = (all[command.Place.Rule], quota.Today, command.Place);
        var idle = rule.Base == "locked" ? Sql.Trusted("c.locked_at") : Sql.Trusted("c.idle_since");
        var found = await db.Query<Row>($"""
            select c.id, {idle} as since from customers.customer c
            where {Everyones} and {due.Releasable(rule, "c", today)} {Sql.When(place.After is not null, $"and ({idle} > {place.After} or ({idle} = {place.After} and c.id > {place.AfterId}))")}
            order by {idle}, c.id {db.Dialect.Page(Batch)}
            """, ct);
        if (found.Count == 0) return new(place.Rule + 1, null, 0);
        var now = clock.GetUtcNow().UtcDateTime;
        // A contact that was noted and is still on its way here counts as made; so does what another module tells, an opportunity for one.
        var candidates = found.Select(f => f.Id).ToList();
        HashSet<long> called = [.. await events.Unheard<TouchCustomerOnContact>(candidates, ct), .. await events.Unheard<NoteCustomerActivity>(candidates, ct)];
        IReadOnlyList<Change<Customer>> changes;
        using (operations.Within(run.OperationId))
        using (desk.Doing(OwnerAct.Auto, $"{rule.Name}：满 {rule.Days} 天", ruleId: rule.Id))
        {
            // The condition is asked again while the rows are held: whoever was contacted or edited a moment ago keeps the customer.
            changes = await customers.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), [.. candidates.Except(called)])} and {due.Releasable(rule, "t", today)} and t.updated_at < {now - DueCustomers.JustChanged}", "the rule decides, not a user", c =>
            {
                c.Now.OwnerId = null;
                if (rule.ToPoolId is { } to) c.Now.PoolId = to;
            }, ct);
        }
        var done = (int)run.Done + changes.Count(c => c.Errors.Count == 0);
        await db.Execute($"update customers.release_run set done = {done} where id = {command.RunId}", ct);
        await operations.Progress(run.OperationId, done, ct);
        return new(place.Rule, found[^1].Since, found[^1].Id);
    }

    public async Task<int> Handle(CloseReleaseRun command, CancellationToken ct)
    {
        var run = (await db.First<Run>($"select operation_id, done from customers.release_run where id = {command.RunId}", ct))!;
        await db.Execute($"update customers.release_run set state = 'done' where id = {command.RunId}", ct);
        await operations.End(run.OperationId, (int)run.Done, [], $"按规则自动解锁 {run.Done} 个客户。", ct);
        return (int)run.Done;
    }

    private Sql Everyones => scope.All("customer", "rules release whatever they are about, whoever sees it");

    /// <summary>Rules that are on and past their days of notice, and whose pool is still there.</summary>
    private async Task<List<ReleaseRule>> InForce(CancellationToken ct)
    {
        var (today, known) = (quota.Today, (await pools.All(ct)).Select(p => p.Id).ToHashSet());
        return [.. (await rules.All(ct)).Where(r => r.Enabled && DueCustomers.From(r, today) <= today).Select(r => r.ToPoolId is { } to && !known.Contains(to) ? r with { ToPoolId = null } : r)];
    }

    private sealed record Run(long OperationId, long Done);
    private sealed record Row(long Id, DateTime? Since);
}

/// <summary>Tells owners which of their customers will be released soon, each once, however late it turned out: by a day on which the job did not run, or an exception that has ended. One message a person, and only when there is news.</summary>
[Action("自动解锁：提醒", "customers.rules.manage")]
internal sealed record WarnOwners : ICommand<int>;

internal sealed class WarnOwnersHandler(IDb db, IScope scope, LockQuota quota, DueCustomers due, ReleaseRulesInForce rules, IMessages messages, TimeProvider clock) : ICommandHandler<WarnOwners, int>
{
    private const int MostWarned = 100_000;

    public async Task<int> Handle(WarnOwners command, CancellationToken ct)
    {
        var today = quota.Today;
        var news = new Dictionary<long, SortedDictionary<DateOnly, List<string>>>();
        var (seen, now) = (new HashSet<long>(), clock.GetUtcNow().UtcDateTime);
        var everyones = scope.All("customer", "each owner hears of the own ones");
        foreach (var rule in (await rules.All(ct)).Where(r => r is { Enabled: true, NoticeDays: > 0 }))
        {
            await due.Forget(rule, everyones, ct);
            var first = DueCustomers.From(rule, today);
            var untold = await due.List(rule, today.AddDays(rule.NoticeDays), $"{everyones} and {DueCustomers.Untold(rule)}", MostWarned, ct);
            await db.Insert("customers.release_notice", ["customer_id", "rule_id", "said_at"], untold.Select(d => new object?[] { d.Id, rule.Id, now }), ct);
            foreach (var d in untold)
            {
                var on = d.On < first ? first : d.On;
                if (d.OwnerId is not { } owner || !seen.Add(d.Id)) continue;
                if (!news.TryGetValue(owner, out var days)) news[owner] = days = [];
                (days.TryGetValue(on, out var names) ? names : days[on] = []).Add(d.Name);
            }
        }
        foreach (var (owner, days) in news)
        {
            var (count, lines) = (days.Sum(d => d.Value.Count), days.SelectMany(d => d.Value.Select(n => $"{n}（{d.Key:MM-dd}）")).Take(5));
            await messages.SendTo([owner], "lock", $"您有 {count} 个客户即将解锁：{string.Join("、", lines)}{(count > 5 ? "……" : "")}。联系客户、延长保护或移交可以避免。", "/customers/upcoming-releases", ct);
        }
        return news.Count;
    }
}
