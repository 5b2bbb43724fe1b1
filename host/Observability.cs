using KuaipuCrm.Platform;
using KuaipuCrm.Platform.Data;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace KuaipuCrm.Host;

/// <summary>Sends traces, metrics and logs by OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to; otherwise nothing is collected.</summary>
internal static class Observability
{
    public static void Add(WebApplicationBuilder builder, Engine engine)
    {
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 } endpoint) return;
        // OTLP over HTTP unless told otherwise: it passes where gRPC doesn't.
        var grpc = builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc";
        Action<OtlpExporterOptions> To(string signal) => o => (o.Protocol, o.Endpoint) = (grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, new Uri(grpc ? endpoint : $"{endpoint.TrimEnd('/')}/v1/{signal}"));
        var gauges = Telemetry.Watch(engine);
        builder.Services.AddHostedService(_ => new Kept(gauges));
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("kuaipu-crm", serviceVersion: typeof(Observability).Assembly.GetName().Version?.ToString(3)))
            .WithTracing(t => t.AddSource(Telemetry.Name).AddAspNetCoreInstrumentation(o => o.Filter = c => !c.Request.Path.StartsWithSegments("/health") && !c.Request.Path.StartsWithSegments("/ready")).AddOtlpExporter(To("traces")))
            .WithMetrics(m => m.AddMeter(Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Components.Server.Circuits", "System.Runtime").AddOtlpExporter(To("metrics")));
        builder.Logging.AddOpenTelemetry(l => l.AddOtlpExporter(To("logs")));
    }

    /// <summary>A stopped host asks its database no more.</summary>
    private sealed class Kept(System.Diagnostics.Metrics.Meter gauges) : IHostedService
    {
        public Task StartAsync(CancellationToken ct) => Task.CompletedTask;

        public Task StopAsync(CancellationToken ct)
        {
            gauges.Dispose();
            return Task.CompletedTask;
        }
    }
}
