using KuaipuCrm.Platform.Events;

namespace KuaipuCrm.Platform.Reminders;

/// <summary>Wakes the reminders when rules have changed.</summary>
internal sealed class ReminderSignal
{
    private readonly Signal signal = new();

    public void Wake() => signal.Wake();

    public Task Wait(TimeSpan atMost, CancellationToken ct) => signal.Wait(atMost, ct);
}
