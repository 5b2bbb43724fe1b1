using KuaipuCrm.Platform.Events;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KuaipuCrm.Host;

/// <summary>Ready while events are being looked for.</summary>
internal sealed class DispatcherHealth(Dispatcher dispatcher, IConfiguration settings) : IHealthCheck
{
    private static readonly TimeSpan Silent = TimeSpan.FromMinutes(1);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken ct = default) => Task.FromResult(
        settings["Dispatch"] == "off" || dispatcher.Looked is { } at && DateTime.UtcNow - at < Silent ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Events are not being dispatched."));
}
