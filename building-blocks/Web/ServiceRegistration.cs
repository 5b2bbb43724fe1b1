using KuaipuCrm.Web.Controls;
using KuaipuCrm.Web.Workspace;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Web;

/// <summary>Registration of what the screens need; all of it lives as long as a circuit.</summary>
public static class ServiceRegistration
{
    public static IServiceCollection AddKuaipuWeb(this IServiceCollection services) => services
        .AddKuaipuControls()
        .AddScoped<Calls>()
        .AddScoped<CurrentSession>()
        .AddScoped<WorkTabs>();
}
