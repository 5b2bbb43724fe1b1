namespace KuaipuCrm.Web.Controls;

/// <summary>The few words the controls say themselves, in the language of the user.</summary>
internal static class Words
{
    internal static string Ok => L("确定");
    internal static string Cancel => L("取消");
    internal static string Close => L("关闭");
    internal static string Clear => L("清除");
    internal static string Retry => L("重试");
    internal static string Search => L("搜索");
    internal static string Searching => L("正在查找…");
    internal static string NoMatch => L("没有找到匹配的内容");
    internal static string SearchFailed => L("查找失败，请重试");
    internal static string Choose => L("请选择");
    internal static string Create => L("新建");
    internal static string All => L("全选");
    internal static string Loading => L("正在加载…");
    internal static string LoadFailed => L("加载失败");
    internal static string NotANumber => L("请输入数字");
    internal static string NotADate => L("日期不正确");
    internal static string Disabled => L("（已停用）");
    internal static string Required => L("必填");
    internal static string Breadcrumb => L("当前位置");

    internal static string Chosen(int count) => L($"已选 {count} 项");
    internal static string Remove(string what) => L($"移除 {what}");
}
