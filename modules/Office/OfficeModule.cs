using KuaipuCrm.Office.Announcements;
using KuaipuCrm.Sdk;
using Microsoft.Extensions.DependencyInjection;

[assembly: CrmModule("office", "日常办公", Order = 800, Icon = "bullhorn")]

namespace KuaipuCrm.Office;

/// <summary>Daily office (OFF): announcements so far.</summary>
public sealed class OfficeModule : IModule
{
    public void Define(ModuleDefinition module)
    {
        module.Services.AddScoped<Audience>().AddScoped<Announcer>();
        module.Menu.Add(new("公告通知", "/office/board", Permissions.SignedIn, "bullhorn", 5));
        module.Components.Add(new("announcement", "audience", "发布范围", typeof(AudienceTab), "office.announcements.read", 10));
        module.Components.Add(new("announcement", "readers", "阅读情况", typeof(ReadersTab), "office.announcements.read", 20));
        module.Cards.Add(new DesktopCard("announcements", "公告通知", typeof(BoardCard), Permissions.SignedIn, 15));
        module.Status.Add(new("announcements", typeof(BoardStatus), 10));
        module.Jobs.Add(new("announce", "通知到期发布的公告", typeof(AnnounceDue), "*/5 * * * *"));
    }
}
