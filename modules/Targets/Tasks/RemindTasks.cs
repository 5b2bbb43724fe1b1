using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>Tells who has a task that ends tomorrow or is overdue, once a day and once a task.</summary>
public sealed record RemindTasks : ICommand<Done>;

internal sealed class RemindTasksHandler(IDb db, IScope scope, IMessages messages, IFormat format, TimeProvider clock) : ICommandHandler<RemindTasks, Done>
{
    private const string Why = "the clock goes by days, not by people";
    private const int Piece = 500;

    public async Task<Done> Handle(RemindTasks command, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, format.Zone));
        var (tomorrow, longAgo) = (today.AddDays(1), today.AddDays(-30));
        // What nobody has touched for a month is not brought up every morning.
        for (var last = 0L; ;)
        {
            var piece = await db.Query<Due>($"""
                select t.id, t.subject, t.owner_id, t.deadline from targets.task t
                where t.deadline <= {tomorrow} and t.deadline >= {longAgo} and t.status in ('assigned', 'doing') and t.owner_id is not null and (t.reminded_on is null or t.reminded_on < {today}) and t.deleted_at is null
                    and t.id > {last} and {scope.All("task", Why)} order by t.id {db.Dialect.Page(Piece)}
                """, ct);
            foreach (var due in piece) await Remind(due);
            if (piece.Count < Piece) return default;
            last = piece[^1].Id;
        }

        async Task Remind(Due due)
        {
            if (await db.Execute($"update targets.task set reminded_on = {today} where id = {due.Id} and (reminded_on is null or reminded_on < {today}) and {scope.All("task", Why)}", ct) == 0) return;
            await messages.Send([due.OwnerId], "task", due.Deadline >= today ? $"任务“{due.Subject}”{(due.Deadline == today ? "今天" : "明天")}截止。" : $"任务“{due.Subject}”已逾期 {today.DayNumber - due.Deadline.DayNumber} 天。", due.Id, ct);
        }
    }

    private sealed record Due(long Id, string Subject, long OwnerId, DateOnly Deadline);
}
