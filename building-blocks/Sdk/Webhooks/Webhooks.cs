using System.ComponentModel.DataAnnotations;

namespace KuaipuCrm.Sdk;

/// <summary>An address that hears of integration events (API-4), signed by the rules of Standard Webhooks.</summary>
/// <param name="Events">Names as <see cref="ListWebhookEvents"/> tells them; <c>*</c> for all.</param>
/// <param name="State"><c>on</c>, <c>off</c> (by an administrator) or <c>failed</c> (switched off because it failed for long).</param>
/// <param name="Why">Why it was switched off, or what went wrong last.</param>
public sealed record WebhookView(long Id, string Name, string Url, IReadOnlyList<string> Events, string State, string? Why, DateTime? LastAt, long Waiting, long Failed);

[Action("Webhook 列表", WebhookRights.Manage, Route = "webhooks", Help = "订阅事件的外部地址。")]
public sealed record ListWebhooks : IQuery<IReadOnlyList<WebhookView>>;

/// <summary>Creates or changes a webhook. Switching it on again sends what still waits.</summary>
/// <param name="Id">None to create.</param>
/// <param name="Url">https, on the public internet.</param>
[Action("保存 Webhook", WebhookRights.Manage, Route = "webhooks", Help = "新建（不给 id）或修改。新建时回答中有签名密钥，只此一次。地址须为 https，不能是内网。",
    Example = "{\"name\":\"ERP 同步\",\"url\":\"https://erp.example.com/hooks/crm\",\"events\":[\"*\"],\"on\":false}")]
public sealed record SaveWebhook(long? Id, [Label("名称"), MaxLength(60)] string Name, [Label("地址"), MaxLength(500)] string Url, [Label("事件")] IReadOnlyList<string> Events, bool On = true) : ICommand<SavedWebhook>;

/// <param name="Secret"><c>whsec_…</c>, shown once: when it was made.</param>
public sealed record SavedWebhook(long Id, string? Secret);

/// <summary>Makes a new signing secret; for a day deliveries are signed with both.</summary>
[Action("更换 Webhook 密钥", WebhookRights.Manage, Route = "webhooks/{id}/rotate", Help = "换一个签名密钥；一天之内新旧密钥都签名。")]
public sealed record RotateWebhookSecret(long Id) : ICommand<SavedWebhook>;

[Action("删除 Webhook", WebhookRights.Manage, Route = "webhooks/{id}/delete")]
public sealed record DeleteWebhook(long Id) : ICommand<Done>;

/// <summary>Sends an event named <c>ping</c>, once.</summary>
[Action("试发 Webhook", WebhookRights.Manage, Route = "webhooks/{id}/ping", Help = "发一个名为 ping 的事件；结果看投递记录。")]
public sealed record PingWebhook(long Id) : ICommand<long>;

/// <summary>What can be subscribed to.</summary>
[Action("可订阅的事件", WebhookRights.Manage, Route = "webhook-events", Help = "各模块公布的事件及其内容示例。")]
public sealed record ListWebhookEvents : IQuery<IReadOnlyList<WebhookEvent>>;

/// <param name="Name">E.g. <c>customers.customer-created</c>.</param>
/// <param name="Example">What is sent, as JSON.</param>
public sealed record WebhookEvent(string Name, string Module, string Example);

/// <summary>The delivery log, newest first.</summary>
[Action("Webhook 投递记录", WebhookRights.Manage, Route = "webhook-deliveries")]
public sealed record ListWebhookDeliveries([Label("只要这个 Webhook 的")] long? WebhookId = null, [Label("状态：waiting、sent、failed")] string? State = null, int Take = 50, long? BeforeId = null) : IQuery<IReadOnlyList<WebhookDelivery>>;

/// <param name="State"><c>waiting sent failed</c>.</param>
/// <param name="Status">HTTP status of the last answer; null where there was none.</param>
/// <param name="Answer">The beginning of the last answer, or why there was none.</param>
public sealed record WebhookDelivery(long Id, long WebhookId, string Webhook, string Event, string Body, string State, int Attempts, int? Status, string? Answer, DateTime At, DateTime? DoneAt, DateTime? NextAt);

/// <summary>Sends deliveries again, also those that went well; they keep their <c>webhook-id</c>.</summary>
/// <param name="Ids">None: all that failed.</param>
[Action("重新投递", WebhookRights.Manage, Route = "webhook-deliveries/replay", Help = "重新投递；不给 ids 时是全部失败的。webhook-id 不变。")]
public sealed record ReplayWebhookDeliveries(IReadOnlyList<long>? Ids = null) : ICommand<int>;

public static class WebhookRights
{
    public const string Manage = "settings.webhooks.manage";
}
