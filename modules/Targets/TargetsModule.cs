using KuaipuCrm.Sdk;
using KuaipuCrm.Targets.Tasks;
using Microsoft.Extensions.DependencyInjection;

[assembly: CrmModule("targets", "目标管理", Order = 90, Icon = "bullseye")]

namespace KuaipuCrm.Targets;

/// <summary>Tasks: what one gives another to do, tied to whatever it is about.</summary>
public sealed class TargetsModule : IModule
{
    public void Define(ModuleDefinition module)
    {
        module.Services.AddScoped<TaskReports>().AddScoped<RepeatTasks>();
        module.Tabs.Add(new RelatedTab(RelatedTab.Each, "tasks", "计划任务", "task", (alias, id) => $"{Sql.Trusted(alias)}.document_id = {id}", 200)
        {
            OnEach = d => d.Tasks,
            NewValues = id => new Dictionary<string, object?> { ["documentId"] = id },
        });
        module.Components.Add(new ComponentTab("task", "progress", "进展", typeof(ProgressTab), "targets.tasks.read", 10));
        module.Cards.Add(new DesktopCard("tasks", "我的任务", typeof(TaskCard), "targets.tasks.read", 15));
        module.Jobs.Add(new RecurringJob("repeat-tasks", "产生重复的计划任务", typeof(RepeatTasks), "5 0 * * *"));
        module.Jobs.Add(new RecurringJob("remind-tasks", "提醒即将到期和逾期的计划任务", typeof(RemindTasks), "30 8 * * *"));
    }
}
