using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Targets.Tasks;

namespace KuaipuCrm.Targets.Events;

/// <summary>A customer goes to another with all that is open: the tasks about it that are not over go along (CUS-13).</summary>
internal sealed class HandTasksOver(IDb db, IScope scope, IDocuments<WorkTask> tasks, IOrganization organization, IOperations operations) : IEventHandler<CustomerOwnerChanged>
{
    private const string Why = "tasks go along with the customer they are about, whoever may see them";

    public async Task Handle(CustomerOwnerChanged e, CancellationToken ct)
    {
        if (e is not { Along: true, To: { } heir, From: { } from }) return;
        using var act = await operations.Join(e.OperationId, ct);
        if (act is null) return;
        var moved = new List<WorkTask>();
        foreach (var id in await db.Query<long>($"select t.id from targets.task t where t.document_id = {e.DocumentId} and t.owner_id = {from} and t.status not in ({WorkTask.Closed}, {WorkTask.Cancelled}) and t.deleted_at is null and {scope.All("task", Why)} order by t.id", ct))
            if (await tasks.FindAny(id, Why, ct) is { } task)
            {
                (task.OwnerId, task.DepartmentId) = (heir, organization.Person(heir)?.DepartmentId);
                moved.Add(task);
            }
        if (moved.Count > 0) await tasks.Keep(moved, Why, ct);
    }
}
