using Hangfire;
using Hangfire.Dashboard;
using KuaipuCrm.Platform.Data;
using KuaipuCrm.Platform.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace KuaipuCrm.Platform.Jobs;

/// <summary>Puts the clock into the host: jobs, workers, and a dashboard for administrators.</summary>
public static class JobSetup
{
    public const string Dashboard = "/hangfire";

    public static void Add(IServiceCollection services, Engine engine) => JobClock.Add(services, engine);

    public static void Map(WebApplication app)
    {
        if (app.Services.GetService<JobStorage>() is null) return;
        app.MapHangfireDashboard(Dashboard, new DashboardOptions { Authorization = [new Administrators()], DisplayStorageConnectionString = false, DashboardTitle = "KuaipuCrm", AppPath = "/settings/jobs" }).RequireAuthorization();
    }

    private sealed class Administrators : IDashboardAuthorizationFilter
    {
        public bool Authorize(DashboardContext context) => context.GetHttpContext().RequestServices.GetRequiredService<Caller>() is { SessionId: not null, SeenBy: null } me && me.May("settings.jobs.manage");
    }
}
