using System.Globalization;

namespace KuaipuCrm.Web.Controls;

/// <summary>The few words the controls say themselves, in the language of the user.</summary>
public static class Words
{
    /// <summary>True when the user reads Chinese; anything but English does.</summary>
    public static bool Chinese => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName != "en";

    /// <summary>One of two texts by the user's language.</summary>
    public static string Of(string zh, string en) => Chinese ? zh : en;

    internal static string Ok => Of("确定", "OK");
    internal static string Cancel => Of("取消", "Cancel");
    internal static string Close => Of("关闭", "Close");
    internal static string Clear => Of("清除", "Clear");
    internal static string Retry => Of("重试", "Try again");
    internal static string Search => Of("搜索", "Search");
    internal static string Searching => Of("正在查找…", "Searching…");
    internal static string NoMatch => Of("没有找到匹配的内容", "Nothing found");
    internal static string SearchFailed => Of("查找失败，请重试", "The search failed, please try again");
    internal static string Choose => Of("请选择", "Choose");
    internal static string Create => Of("新建", "Create");
    internal static string All => Of("全选", "All");
    internal static string Loading => Of("正在加载…", "Loading…");
    internal static string LoadFailed => Of("加载失败", "Could not load");
    internal static string NotANumber => Of("请输入数字", "Please enter a number");
    internal static string NotADate => Of("日期不正确", "This is no valid date");
    internal static string Disabled => Of("（已停用）", " (disabled)");
    internal static string Required => Of("必填", "required");
    internal static string Breadcrumb => Of("当前位置", "You are here");

    internal static string Chosen(int count) => Of($"已选 {count} 项", $"{count} chosen");
    internal static string Remove(string what) => Of($"移除 {what}", $"Remove {what}");
}
