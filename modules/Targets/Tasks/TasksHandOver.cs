using KuaipuCrm.Sdk;

namespace KuaipuCrm.Targets.Tasks;

/// <summary>What someone who leaves has given others to do is checked, changed and called off by the heir (SET-1). What they have to do themselves goes with their documents.</summary>
internal sealed class TasksHandOver(IDb db, IScope scope, IDocuments<WorkTask> tasks) : IHandsOver
{
    private const string Why = "all a person gave is handed over, whoever else may see it";
    private const int Piece = 1_000;

    public string Name => "tasks-given";
    public string Label => "分派的计划任务";

    public Task<long> Count(long personId, CancellationToken ct) => db.First<long>($"select count(*) from targets.task t where {Given(personId)} and t.deleted_at is null and {scope.All("task", Why)}", ct);

    public async Task<IReadOnlyList<long>> Move(long from, long to, IReadOnlyCollection<long>? only, CancellationToken ct)
    {
        var ids = only ?? await db.Query<long>($"select t.id from targets.task t where {Given(from)} and t.deleted_at is null and {scope.All("task", Why)} order by t.id", ct);
        foreach (var piece in ids.Chunk(Piece)) await tasks.ChangeWhere($"{db.Dialect.In(Sql.Trusted("t.id"), piece)} and t.assigner_id = {from}", Why, c => c.Now.AssignerId = to, ct);
        return [.. ids];
    }

    /// <summary>Those not over, and those of which more come.</summary>
    private static Sql Given(long personId) => $"t.assigner_id = {personId} and (t.status not in ('closed', 'cancelled') or t.next_on is not null)";
}
