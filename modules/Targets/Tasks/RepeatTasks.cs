using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Makes the next one of each recurring task whose day has come: once, on however many hosts, and one only after the system was down for days. Each is a transaction of its own: what can't be made holds nothing else back.</summary>
internal sealed class RepeatTasks(IMediator mediator, IDb db, IScope scope, IFormat format, TimeProvider clock) : IJob
{
    internal const string Why = "the clock goes by days, not by people";
    private const int Piece = 500;

    public async Task<string?> Run(CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, format.Zone));
        var (made, failed) = (0, 0);
        for (var last = 0L; ;)
        {
            var due = await db.Query<long>($"select t.id from targets.task t where t.next_on <= {today} and t.id > {last} and t.deleted_at is null and {scope.All("task", Why)} order by t.id {db.Dialect.Page(Piece)}", ct);
            foreach (var id in due)
                try
                {
                    if (await mediator.Send(new RepeatTask(id), ct)) made++;
                }
                catch (Exception e) when (e is Invalid or RuleBroken or NotFound or Conflict or Unconfirmed)
                {
                    // Tried again tomorrow, as a value that is no longer taken may be put right until then.
                    failed++;
                }
            if (due.Count < Piece) break;
            last = due[^1];
        }
        return failed > 0 ? $"产生了 {made} 项任务，{failed} 项未能产生。" : made > 0 ? $"产生了 {made} 项任务。" : null;
    }
}

/// <summary>Makes the next one of one recurring task.</summary>
/// <remarks>Gives whether one was made.</remarks>
[Action("产生重复的计划任务", "targets.tasks.read")]
internal sealed record RepeatTask(long TaskId) : ICommand<bool>;

internal sealed class RepeatTaskHandler(IDb db, IScope scope, IDocuments<WorkTask> tasks, IDocumentDirectory directory, IOrganization organization, IMessages messages, IFormat format, TimeProvider clock) : ICommandHandler<RepeatTask, bool>
{
    private const string Why = RepeatTasks.Why;

    public async Task<bool> Handle(RepeatTask command, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, format.Zone));
        if (await tasks.FindAny(command.TaskId, Why, ct) is not { OwnerId: { } owner } former) return false;
        if (await db.First<Turn>($"select t.next_on, t.repeat_from from targets.task t where t.id = {former.Id} and t.next_on <= {today} and {scope.All("task", Why)}", ct) is not { } due) return false;
        var (doer, giver) = (organization.Person(owner), former.AssignerId is { } a ? organization.Person(a) : null);
        var over = former.RepeatBy == WorkTask.Once || former.RepeatUntil < today || former.Status == WorkTask.Cancelled || doer is not { Enabled: true };
        // Days missed are not made up for: the next day is one that is still to come.
        var then = over ? null : WorkTask.Next(former.RepeatBy, due.RepeatFrom ?? due.NextOn, today);
        // Whoever moves the day on makes the task.
        if (await db.Execute($"update targets.task set next_on = {then} where id = {former.Id} and next_on = {due.NextOn} and {scope.All("task", Why)}", ct) == 0) return false;
        if (doer is not { Enabled: true } && giver is { Enabled: true }) await messages.Send([giver.Id], "task", $"任务“{former.Subject}”不再重复：执行人 {doer?.Name} 已停用。", former.Id, ct);
        if (over) return false;
        var begun = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(former.CreatedAt, format.Zone));
        await tasks.Create(new WorkTask
        {
            Subject = former.Subject,
            Content = former.Content,
            Priority = former.Priority,
            // What the first was about may be gone, and whoever gave it, too: then it is the doer's own.
            DocumentId = former.DocumentId is { } about && (await directory.Find([about], ct)).Count > 0 ? about : null,
            OwnerId = owner,
            AssignerId = giver is { Enabled: true } ? giver.Id : owner,
            Deadline = former.Deadline is { } day ? today.AddDays(Math.Max(0, day.DayNumber - begun.DayNumber)) : null,
            RepeatBy = WorkTask.Once,
            SeriesId = former.Id,
            Extra = former.Extra,
        }, ct: ct);
        return true;
    }

    private sealed record Turn(DateOnly NextOn, DateOnly? RepeatFrom);
}
