using KuaipuCrm.Platform.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KuaipuCrm.Host;

/// <summary>Healthy while the database answers.</summary>
internal sealed class DatabaseHealth(Engine engine) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken ct = default)
    {
        try
        {
            await new Db(engine).First<long>($"select count(*) from platform.document_type", ct);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", e);
        }
    }
}
