using KuaipuCrm.Web.Controls;

namespace KuaipuCrm.Web.Documents;

/// <summary>The tone in which a status is shown.</summary>
internal static class StatusTone
{
    public static Tone Of(string? code) => code switch
    {
        "won" or "regular" or "active" or "approved" or "done" => Tone.Ok,
        "intent" or "opportunity" or "running" => Tone.Info,
        "dormant" or "waiting" or "cancelled" => Tone.Warn,
        "lost" or "invalid" or "disabled" or "failed" or "rejected" => Tone.Bad,
        _ => Tone.Mute,
    };
}
