using KuaipuCrm.Web.Controls;

namespace KuaipuCrm.Web.Approvals;

/// <summary>States of approvals and of their tasks as people read them.</summary>
internal static class ApprovalWords
{
    public static string State(string state) => state switch
    {
        "review" => "审核中",
        "approved" => "审核通过",
        "rejected" => "审核不通过",
        "withdrawn" => "已撤回",
        "returned" => "已退回",
        "draft" => "草稿",
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
        "open" => "待审核",
        "waiting" => "等待中",
        "approved" => "同意",
        "rejected" => "不同意",
        "returned" => "退回",
        "delegated" => "转交",
        "skipped" => "他人已审核",
        "cancelled" => "已取消",
        "passed" => "自动通过",
        "copied" => "抄送",
        "redo" => "同意（退回后重审）",
        "replaced" => "由他人接替",
        "stopped" => "终止审核",
        _ => state,
    };
}
