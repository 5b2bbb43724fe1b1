using KuaipuCrm.Web.Controls;

namespace KuaipuCrm.Web.Documents;

/// <summary>The tone in which a status is shown.</summary>
public static class StatusTone
{
    public static Tone Of(string? code) => code switch
    {
        "won" or "regular" or "active" or "approved" or "done" or "closed" or "on" => Tone.Ok,
        "intent" or "opportunity" or "running" or "doing" => Tone.Info,
        "dormant" or "waiting" or "cancelled" or "assigned" or "reported" => Tone.Warn,
        "lost" or "invalid" or "disabled" or "failed" or "rejected" or "refused" => Tone.Bad,
        _ => Tone.Mute,
    };
}
