using System.Reflection;
using Bridge.Configuration;
using Bridge.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Bridge.Telemetry;

/// <summary>
/// Registers the source of spans; in a host of its own, when a collector is named, also what exports spans, metrics and log lines to it.
/// An application around the Bridge exports by its own OpenTelemetry.
/// </summary>
internal static class TelemetryRegistration
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Callers = "/api/callers";

    public static IServiceCollection AddTelemetry(
        this IServiceCollection services, IConfiguration configuration, BridgeOptions options, BridgeMount mount)
    {
        services.AddSingleton<CallSpans>();
        if (!mount.InApplication && IsOn(configuration, options.Telemetry))
        {
            Export(services, configuration, options.Telemetry);
        }

        return services;
    }

    private static bool IsOn(IConfiguration configuration, TelemetryOptions options) =>
        (options.Endpoint is { Length: > 0 } || configuration[EndpointVariable] is { Length: > 0 })
        && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    private static void Export(IServiceCollection services, IConfiguration configuration, TelemetryOptions options)
    {
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => Name(resource, configuration))
            .WithTracing(tracing => tracing.AddSource(CallSpans.SourceName).AddAspNetCoreInstrumentation(requests =>
            {
                requests.Filter = context => !context.Request.Path.StartsWithSegments("/healthz", StringComparison.Ordinal);
                requests.EnrichWithHttpRequest = (span, request) =>
                {
                    if (request.Path.StartsWithSegments(Callers, StringComparison.OrdinalIgnoreCase))
                    {
                        // The rest names a person.
                        span.SetTag("url.path", Callers + "/{sub}");
                    }
                };
            }))
            .WithMetrics(metrics => metrics.AddMeter(BridgeMetrics.MeterName).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation())
            .WithLogging(configureBuilder: null, lines => (lines.IncludeScopes, lines.IncludeFormattedMessage) = (true, true));
        if (options.Endpoint is { Length: > 0 } endpoint)
        {
            telemetry.UseOtlpExporter(
                (options.Protocol is { Length: > 0 } named ? named : configuration["OTEL_EXPORTER_OTLP_PROTOCOL"]) == "http/protobuf"
                    ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc,
                new Uri(endpoint));
        }
        else
        {
            telemetry.UseOtlpExporter();
        }
    }

    private static void Name(ResourceBuilder resource, IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(configuration["OTEL_SERVICE_NAME"]))
        {
            var version = typeof(TelemetryRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
            resource.AddService("bridge", serviceVersion: version?.InformationalVersion);
        }
    }
}
