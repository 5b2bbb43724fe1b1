using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Makes the next one of each recurring task whose day has come: once, on however many hosts, and one only after the system was down for days.</summary>
public sealed record RepeatTasks : ICommand<Done>;

internal sealed class RepeatTasksHandler(IDb db, IScope scope, IDocuments<WorkTask> tasks, IFormat format, TimeProvider clock) : ICommandHandler<RepeatTasks, Done>
{
    private const string Why = "the clock goes by days, not by people";
    private const int Most = 500;

    public async Task<Done> Handle(RepeatTasks command, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, format.Zone));
        foreach (var due in await db.Query<Due>($"select t.id, t.next_on from targets.task t where t.next_on <= {today} and t.deleted_at is null and {scope.All("task", Why)} order by t.id {db.Dialect.Page(Most)}", ct))
        {
            if (await tasks.FindAny(due.Id, Why, ct) is not { OwnerId: not null } former) continue;
            // Days missed are not made up for: the next day is one that is still to come.
            var next = due.NextOn;
            while (next <= today && WorkTask.After(former.RepeatBy, next) is { } later) next = later;
            var over = former.RepeatBy == WorkTask.Once || former.RepeatUntil < today || former.Status == WorkTask.Cancelled;
            DateOnly? then = over ? null : next;
            // Whoever moves the day on makes the task.
            if (await db.Execute($"update targets.task set next_on = {then} where id = {due.Id} and next_on = {due.NextOn} and {scope.All("task", Why)}", ct) == 0 || over) continue;
            var begun = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(former.CreatedAt, format.Zone));
            var id = await tasks.Create(new WorkTask
            {
                Subject = former.Subject,
                Content = former.Content,
                Priority = former.Priority,
                DocumentId = former.DocumentId,
                OwnerId = former.OwnerId,
                AssignerId = former.AssignerId,
                Deadline = former.Deadline is { } day ? today.AddDays(Math.Max(0, day.DayNumber - begun.DayNumber)) : null,
                RepeatBy = WorkTask.Once,
                Extra = former.Extra,
            }, ct: ct);
            await db.Execute($"update targets.task set series_id = {due.Id} where id = {id} and {scope.All("task", Why)}", ct);
        }
        return default;
    }

    private sealed record Due(long Id, DateOnly NextOn);
}
