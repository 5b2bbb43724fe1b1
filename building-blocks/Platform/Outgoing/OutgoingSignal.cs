using KuaipuCrm.Platform.Events;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Wakes whoever sends on a channel right after a commit.</summary>
internal sealed class OutgoingSignal
{
    private readonly Signal mail = new(), sms = new(), robots = new();

    public Signal Of(string channel) => channel == OutgoingChannel.Mail ? mail : channel == OutgoingChannel.Sms ? sms : robots;

    public void Wake(string channel) => Of(channel).Wake();

    public void WakeAll()
    {
        foreach (var signal in new[] { mail, sms, robots }) signal.Wake();
    }
}
