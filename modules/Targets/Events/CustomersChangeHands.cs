using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Targets.Tasks;

namespace KuaipuCrm.Targets.Events;

/// <summary>A customer goes to another with all that is open: the tasks about it that are not over go along (CUS-13).</summary>
internal sealed class HandTasksOver(IDocuments<WorkTask> tasks, IOperations operations) : IEventHandler<CustomerOwnerChanged>
{
    private const string Why = "tasks go along with the customer they are about, whoever may see them";

    public async Task Handle(CustomerOwnerChanged e, CancellationToken ct)
    {
        if (e is not { Along: true, To: { } heir, From: { } from }) return;
        using var act = await operations.Join(e.OperationId, ct);
        if (act is null) return;
        await tasks.ChangeWhere($"t.document_id = {e.DocumentId} and t.owner_id = {from} and t.status not in ({WorkTask.Closed}, {WorkTask.Cancelled})", Why, c => c.Now.OwnerId = heir, ct);
    }
}
