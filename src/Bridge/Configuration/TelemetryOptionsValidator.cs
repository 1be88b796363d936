using FluentValidation;

namespace Bridge.Configuration;

/// <summary>Rules of <c>Bridge:Telemetry</c>.</summary>
internal sealed class TelemetryOptionsValidator : AbstractValidator<TelemetryOptions>
{
    public TelemetryOptionsValidator()
    {
        RuleFor(o => o.Endpoint)
            .Must(e => string.IsNullOrEmpty(e) || (Uri.TryCreate(e, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            .WithMessage(o => $"Telemetry:Endpoint: '{o.Endpoint}' is no address of a collector; it looks like http://collector:4317.");
        RuleFor(o => o.Protocol).Must(p => string.IsNullOrEmpty(p) || p is "grpc" or "http/protobuf")
            .WithMessage(o => $"Telemetry:Protocol: '{o.Protocol}' is none of 'grpc' and 'http/protobuf'.");
    }
}
