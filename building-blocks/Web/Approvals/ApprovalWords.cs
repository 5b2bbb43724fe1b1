using KuaipuCrm.Web.Controls;

namespace KuaipuCrm.Web.Approvals;

/// <summary>States of approvals and of their tasks as people read them.</summary>
internal static class ApprovalWords
{
    public static string State(string state) => state switch
    {
        "review" => L("审核中"),
        "approved" => L("审核通过"),
        "rejected" => L("审核不通过"),
        "withdrawn" => L("已撤回"),
        "returned" => L("已退回"),
        "draft" => L("草稿"),
        _ => state,
    };

    public static Tone ToneOf(string state) => state switch
    {
        "review" => Tone.Info,
        "approved" => Tone.Ok,
        "rejected" or "returned" => Tone.Bad,
        _ => Tone.Mute,
    };

    public static string Task(string state) => state switch
    {
        "open" => L("待审核"),
        "waiting" => L("等待中"),
        "approved" => L("同意"),
        "rejected" => L("不同意"),
        "returned" => L("退回"),
        "delegated" => L("转交"),
        "skipped" => L("他人已审核"),
        "cancelled" => L("已取消"),
        "passed" => L("自动通过"),
        "copy" => L("通过后抄送"),
        "copied" => L("抄送"),
        "redo" => L("同意（退回后重审）"),
        "replaced" => L("由他人接替"),
        "stopped" => L("终止审核"),
        _ => state,
    };
}
