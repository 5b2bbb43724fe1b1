using KuaipuCrm.Sdk;

[assembly: CrmModule("settings", "系统设置", Order = 900, Icon = "gear")]

namespace KuaipuCrm.Settings;

/// <summary>People, rights, dictionaries, numbering, company: what an administrator sets up.</summary>
public sealed class SettingsModule : IModule
{
    /// <summary>Headings of the quick menu; partners' modules have a menu of their own.</summary>
    internal const string People = "组织与权限", BaseData = "基础数据", Approval = "审核", Messages = "消息与提醒", System = "系统";

    internal const string ManageUserRoles = "settings.users.roles";
    internal const string ManageAccounts = "settings.users.accounts";
    internal const string ReadDictionaries = "settings.dictionaries.read";
    internal const string ManageDictionaries = "settings.dictionaries.manage";
    internal const string ReadCompany = "settings.company.read";
    internal const string ManageCompany = "settings.company.manage";
    internal const string ReadNumbering = "settings.numbering.read";
    internal const string ManageNumbering = "settings.numbering.manage";
    internal const string HandOverPermission = "settings.users.hand-over";
    internal const string ReadLog = "settings.log.read";
    internal const string ExplainRights = "settings.rights.explain";
    internal const string ManageEvents = "settings.events.manage";
    internal const string ManageJobs = "settings.jobs.manage";
    internal const string ManageModules = "settings.modules.manage";
    internal const string ManageFlows = "settings.flows.manage";
    internal const string SeeAs = "settings.rights.see-as";

    public void Define(ModuleDefinition module)
    {
        module.Permissions[ManageUserRoles] = "用户：分配角色与数据权限";
        module.Permissions[ManageAccounts] = "用户：重置密码、强制下线、解锁";
        module.Permissions[HandOverPermission] = "用户：离职交接";
        module.Permissions[ReadDictionaries] = "字典：查看";
        module.Permissions[ManageDictionaries] = "字典：维护";
        module.Permissions[ReadCompany] = "公司资料：查看";
        module.Permissions[ManageCompany] = "公司资料：修改";
        module.Permissions[ReadNumbering] = "编号规则：查看";
        module.Permissions[ManageNumbering] = "编号规则：修改";
        module.Permissions[ReadLog] = "审计日志：查看";
        module.Permissions[ExplainRights] = "权限说明：查看";
        module.Permissions[SeeAs] = "以他人视角查看";
        module.Permissions[ManageTokens.Permission] = "API 令牌：管理所有人的";
        module.Permissions[ManageModules] = "已安装模块：查看、启用、停用";
        module.Permissions[ManageEvents] = "事件：查看、重新处理、放弃";
        module.Permissions[ManageJobs] = "后台任务：查看、运行、暂停";
        module.Permissions[ManageFlows] = "审核流程：维护";
        module.Permissions[CustomFieldPermission.Manage] = "自定义字段：维护";
        module.Permissions[TemplateRights.Manage] = "模板：维护";
        module.Permissions[OutgoingRights.Send] = "邮件与短信：就单据发送";
        module.Permissions[OutgoingRights.Manage] = "发送记录：查看所有人的、重发、取消";
        module.Permissions[ReminderRights.Manage] = "提醒规则：维护";
        module.Permissions[MessageRouteRights.Manage] = "消息去向：设置";
        module.Permissions[WebhookRights.Manage] = "Webhook：管理";
        module.Permissions[OutgoingRights.Channels] = "邮件、短信与机器人：设置";
        module.Permissions[MonitorApprovals.Permission] = "审核流程：监控、催办、改派、终止";
        module.Permissions["settings.operations.manage"] = "批量操作：查看与撤销所有人的";
        module.Menu.Add(new("组织架构", "/settings/organization", "settings.departments.read", "sitemap", 13, People));
        module.Components.Add(new("role", "rights", "权限", typeof(Roles.RoleRightsTab), "settings.roles.read", 10));
        module.Components.Add(new("role", "members", "成员", typeof(Roles.RoleMembersTab), "settings.roles.read", 20));
        module.Components.Add(new("user", "roles", "角色与数据权限", typeof(Roles.UserRolesTab), "settings.users.read", 10));
        module.Components.Add(new("user", "effective", "有效权限", typeof(Rights.EffectiveRightsTab), ExplainRights, 20));
        module.Components.Add(new("user", "hand-over", "离职交接", typeof(Organization.HandOverTab), HandOverPermission, 30));
        module.Cards.Add(new DesktopCard("set-up", "开始使用", typeof(Desktop.SetUpCard), ManageCompany, 0, Columns: 3));
        module.Menu.Add(new("模板", "/settings/templates", TemplateRights.Manage, "file-code", 60, Messages));
        module.Menu.Add(new("邮件与短信", "/settings/channels", OutgoingRights.Channels, "paper-plane", 61, Messages));
        module.Menu.Add(new("消息去向", "/settings/message-routes", MessageRouteRights.Manage, "share-nodes", 62, Messages));
        module.Menu.Add(new("提醒规则", "/settings/reminders", ReminderRights.Manage, "bell", 63, Messages));
        module.Menu.Add(new("发送记录", "/settings/outgoing", OutgoingRights.Manage, "envelope-circle-check", 64, Messages));
        module.Menu.Add(new("字典", "/settings/dictionaries", ReadDictionaries, "book", 31, BaseData));
        module.Menu.Add(new("编号规则", "/settings/numbering", ReadNumbering, "hashtag", 33, BaseData));
        module.Menu.Add(new("自定义字段", "/settings/fields", CustomFieldPermission.Manage, "table-columns", 32, BaseData));
        module.Menu.Add(new("查价", "/settings/prices", "settings.products.read", "tags", 35, BaseData));
        module.Menu.Add(new("审核流程", "/settings/flows", ManageFlows, "stamp", 50, Approval));
        module.Menu.Add(new("审核监控", "/settings/approval-monitor", MonitorApprovals.Permission, "eye", 51, Approval));
        module.Menu.Add(new("公司资料", "/settings/company", ReadCompany, "building", 30, BaseData));
        module.Menu.Add(new("权限说明", "/settings/rights", ExplainRights, "user-lock", 15, People));
        module.Menu.Add(new("API 令牌", "/settings/tokens", ManageTokens.Permission, "key", 90, System));
        module.Menu.Add(new("Webhook", "/settings/webhooks", WebhookRights.Manage, "satellite-dish", 90, System));
        module.Menu.Add(new("已安装模块", "/settings/modules", ManageModules, "puzzle-piece", 91, System));
        module.Menu.Add(new("后台任务", "/settings/jobs", ManageJobs, "clock-rotate-left", 92, System));
        module.Menu.Add(new("事件", "/settings/events", ManageEvents, "bolt", 93, System));
        module.Menu.Add(new("日志", "/settings/log", ReadLog, "clipboard-list", 94, System));
    }
}
