using KuaipuCrm.Published.Marketing;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Marketing.WebForm;

/// <summary>Tells the campaign's owner that people are turned away. By an event: the visitor at whose answer it showed may ask for nothing that a message needs.</summary>
internal sealed class TellOfCrowd(IDb db, IScope scope, IMessages messages) : IEventHandler<WebFormCrowded>
{
    public async Task Handle(WebFormCrowded e, CancellationToken ct)
    {
        if (await db.First<Row>($"select c.name, c.owner_id from marketing.campaign c where c.id = {e.DocumentId} and c.deleted_at is null and {scope.All("campaign", "its owner is told")}", ct) is { OwnerId: { } owner } campaign)
            await messages.Send([owner], "campaign", $"市场活动“{campaign.Name}”的公开表单在 {e.Hours} 小时内收到 {e.Answers} 份，已达上限，暂不接收新的提交。", e.DocumentId, ct);
    }

    private sealed record Row(string Name, long? OwnerId);
}
