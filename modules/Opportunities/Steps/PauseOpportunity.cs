using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Steps;

/// <summary>Lets an opportunity rest until a day (OPP-3): it leaves the work lists and wakes by itself.</summary>
[Action("暂缓", "opportunities.opportunities.update", On = "opportunity", Route = "opportunities/{opportunityId}/pause", Icon = "pause", When = "status=running;approval!=review", Help = "暂缓商机，到唤醒日期自动恢复为进行中。", Example = "{\"reason\":\"budget\",\"wakeOn\":\"2099-01-31\"}")]
public sealed record PauseOpportunity([Label("商机的编号")] long OpportunityId, [Label("暂缓原因", Dictionary = "pause.reason"), Required] string Reason, [Label("唤醒日期"), Required] DateOnly WakeOn, [Label("说明"), MaxLength(500)] string? Note = null) : ICommand<Done>;

/// <summary>Wakes a resting opportunity by hand.</summary>
[Action("激活", "opportunities.opportunities.update", On = "opportunity", Route = "opportunities/{opportunityId}/resume", Icon = "play", When = "status=paused;approval!=review", Confirm = "激活这个商机？恢复为进行中。", Help = "提前激活暂缓的商机。")]
public sealed record ResumeOpportunity([Label("商机的编号")] long OpportunityId) : ICommand<Done>;

internal sealed class PauseOpportunityHandler(IDocuments<Opportunity> opportunities, IDictionaries dictionaries, IWorkCalendar calendar) : ICommandHandler<PauseOpportunity, Done>, ICommandHandler<ResumeOpportunity, Done>
{
    private const string Why = "the user may change it, and it may rest and wake";

    public async Task<Done> Handle(PauseOpportunity command, CancellationToken ct)
    {
        var o = await opportunities.GetToChange(command.OpportunityId, ct);
        o.MustBe(Opportunity.Running);
        EndOpportunityHandler.Chosen(dictionaries, "pause.reason", command.Reason, "reason", "暂缓原因");
        if (command.WakeOn <= calendar.Today) throw new Invalid("wakeOn", "唤醒日期须晚于今天。");
        (o.Status, o.PauseReason, o.WakeOn, o.PauseNote) = (Opportunity.Paused, command.Reason, command.WakeOn, EndOpportunityHandler.Clean(command.Note));
        await opportunities.Keep([o], Why, ct);
        return default;
    }

    public async Task<Done> Handle(ResumeOpportunity command, CancellationToken ct)
    {
        var o = await opportunities.GetToChange(command.OpportunityId, ct);
        o.MustBe(Opportunity.Paused);
        (o.Status, o.WakeOn) = (Opportunity.Running, null);
        await opportunities.Keep([o], Why, ct);
        return default;
    }
}

/// <summary>Wakes what was to rest until today or a day before: once, on however many hosts, also after days of silence.</summary>
public sealed record WakeOpportunities : ICommand<Done>;

internal sealed class WakeOpportunitiesHandler(IDb db, IScope scope, IDocuments<Opportunity> opportunities, IMessages messages, IWorkCalendar calendar) : ICommandHandler<WakeOpportunities, Done>
{
    private const string Why = "the clock goes by days, not by people";
    /// <summary>In one transaction; the rest at the next run.</summary>
    private const int Most = 2_000;

    public async Task<Done> Handle(WakeOpportunities command, CancellationToken ct)
    {
        var today = calendar.Today;
        var due = await db.Query<long>($"select o.id from opportunities.opportunity o where o.wake_on <= {today} and o.status = {Opportunity.Paused} and o.deleted_at is null and {scope.All("opportunity", Why)} order by o.wake_on, o.id {db.Dialect.Page(Most)}", ct);
        if (due.Count == 0) return default;
        // Another host waits for these rows, and then finds them awake.
        var woken = await opportunities.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), due)} and t.wake_on <= {today} and t.status = {Opportunity.Paused}", Why, c => (c.Now.Status, c.Now.WakeOn) = (Opportunity.Running, null), ct);
        foreach (var o in woken.Where(c => c.Errors.Count == 0).Select(c => c.Now))
            if (o.OwnerId is { } owner) await messages.Send([owner], "opportunity", $"暂缓的商机“{o.Name}”已到唤醒日期，恢复为进行中。", o.Id, ct);
        return default;
    }
}
