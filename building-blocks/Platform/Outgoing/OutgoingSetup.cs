using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KuaipuCrm.Platform.Outgoing;

/// <summary>Puts what sends and reminds into the host.</summary>
public static class OutgoingSetup
{
    public static void Add(IServiceCollection services)
    {
        services.AddHostedService(s => s.GetRequiredService<OutgoingDispatcher>());
        services.AddHostedService(s => s.GetRequiredService<Reminders.ReminderDispatcher>());
    }
}
