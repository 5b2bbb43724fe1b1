using KuaipuCrm.Platform.Events;

namespace KuaipuCrm.Platform.Webhooks;

/// <summary>Wakes the deliveries right after a commit.</summary>
internal sealed class WebhookSignal
{
    private readonly Signal signal = new();

    public void Wake() => signal.Wake();

    public Task Wait(TimeSpan atMost, CancellationToken ct) => signal.Wait(atMost, ct);
}
