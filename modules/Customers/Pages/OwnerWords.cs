using KuaipuCrm.Customers.Pool;
using KuaipuCrm.Web.Controls;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Customers.Pages;

/// <summary>How owners change, as people read it.</summary>
internal static class OwnerWords
{
    public static string Kind(string kind) => L(kind switch
    {
        OwnerAct.Lock => "锁定",
        OwnerAct.Transfer => "移交/分配",
        OwnerAct.Release => "取消锁定",
        OwnerAct.Auto => "自动解锁",
        OwnerAct.Undo => "撤销",
        _ => "更换负责人",
    });

    public static string State(string state) => L(state switch
    {
        LockState.Waiting => "待审核",
        LockState.Approved => "已同意",
        LockState.Rejected => "已拒绝",
        LockState.Queued => "候补中",
        LockState.Told => "已通知重新开放",
        _ => "已撤回",
    });

    public static Tone ToneOf(string state) => state switch
    {
        LockState.Waiting => Tone.Warn,
        LockState.Approved => Tone.Ok,
        LockState.Rejected => Tone.Bad,
        LockState.Queued or LockState.Told => Tone.Info,
        _ => Tone.Mute,
    };
}
