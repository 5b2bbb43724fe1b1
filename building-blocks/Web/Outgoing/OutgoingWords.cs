using KuaipuCrm.Web.Controls;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Web.Outgoing;

/// <summary>States of what goes out, in the user's words.</summary>
public static class OutgoingWords
{
    public static readonly IReadOnlyList<string> States = ["waiting", "sent", "parked", "skipped", "cancelled"];

    public static string State(string state) => state switch { "waiting" => L("等待发送"), "sent" => L("已发出"), "parked" => L("失败"), "skipped" => L("已退订"), _ => L("已取消") };

    public static Tone ToneOf(string state) => state switch { "sent" => Tone.Ok, "parked" => Tone.Bad, "waiting" => Tone.Info, _ => Tone.Mute };
}
