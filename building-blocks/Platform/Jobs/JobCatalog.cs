using KuaipuCrm.Platform.Modules;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Platform.Jobs;

/// <summary>All jobs of this process, by name: the platform's own and those the modules declare.</summary>
internal sealed class JobCatalog(ModuleCatalog catalog)
{
    /// <param name="Type">A command, or an <see cref="IJob"/>.</param>
    public sealed record Entry(string Name, string Text, string Module, Type Type, string Cron);

    public IReadOnlyList<Entry> All { get; } =
    [
        new("platform.approval-reminders", "提醒超过时限的审核人", "平台", typeof(Approvals.ApprovalReminders), "* * * * *"),
        new("platform.clean-logs", "清理到期的日志、会话和已处理的事件", "平台", typeof(CleanUp), "20 3 * * *"),
        new("platform.sweep-files", "清理不再使用的附件内容", "平台", typeof(Collaboration.FileSweeper), "50 3 * * *"),
        .. catalog.Modules.SelectMany(m => m.Definition.Jobs.Select(j => new Entry($"{m.Id}.{j.Name}", j.Text, m.Name, j.Command, j.Cron))),
    ];

    public Entry? Find(string name) => All.FirstOrDefault(j => j.Name == name);
}
