namespace Bridge.Configuration;

/// <summary>Export to an OpenTelemetry collector; configuration section <c>Bridge:Telemetry</c>. docs/operation.md.</summary>
public sealed class TelemetryOptions
{
    /// <summary>
    /// Address of an OTLP collector, for instance <c>http://collector:4317</c>; empty takes <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, and
    /// without both nothing is exported. Inside an application it stays empty: the application's own OpenTelemetry exports.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// <c>grpc</c> or <c>http/protobuf</c>, for <see cref="Endpoint"/>; empty takes <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, and without it
    /// <c>grpc</c>.
    /// </summary>
    public string? Protocol { get; set; }

    /// <summary>
    /// Spans carry what was said, and arguments and results of functions, of roles whose transcript is kept whole. Without it they carry
    /// names, numbers and times alone.
    /// </summary>
    public bool Content { get; set; }
}
