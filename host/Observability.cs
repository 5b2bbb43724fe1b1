using KuaipuCrm.Platform;
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
    public static void Add(WebApplicationBuilder builder)
    {
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 } endpoint) return;
        // OTLP over HTTP unless told otherwise: it passes where gRPC doesn't.
        var grpc = builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc";
        Action<OtlpExporterOptions> To(string signal) => o => (o.Protocol, o.Endpoint) = (grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, new Uri(grpc ? endpoint : $"{endpoint.TrimEnd('/')}/v1/{signal}"));
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("kuaipu-crm", serviceVersion: typeof(Observability).Assembly.GetName().Version?.ToString(3)))
            .WithTracing(t => t.AddSource(Telemetry.Name).AddAspNetCoreInstrumentation(o => o.Filter = c => !c.Request.Path.StartsWithSegments("/health") && !c.Request.Path.StartsWithSegments("/ready")).AddOtlpExporter(To("traces")))
            .WithMetrics(m => m.AddMeter(Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Components.Server.Circuits", "System.Runtime").AddOtlpExporter(To("metrics")));
        builder.Logging.AddOpenTelemetry(l => l.AddOtlpExporter(To("logs")));
    }
}
