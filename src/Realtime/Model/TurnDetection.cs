using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Model;

/// <summary>
/// Turn detection of a session. <c>create_response</c> and <c>interrupt_response</c> are always sent as false: the
/// <see cref="TurnMachine"/> alone decides when a response starts or stops (docs/conversation.md says why).
/// </summary>
public sealed record TurnDetection(TurnDetectionMode Mode)
{
    /// <summary>Level that counts as speech, 0 to 1; server_vad only. Null takes the service's 0.5.</summary>
    public double? Threshold { get; init; }

    /// <summary>Audio kept from before speech was found, ms; server_vad only. Null takes the service's 300.</summary>
    public int? PrefixPaddingMs { get; init; }

    /// <summary>Silence that ends a turn, ms; server_vad only. Null takes the service's 500.</summary>
    public int? SilenceMs { get; init; }

    /// <summary>low, medium, high or auto; semantic_vad only.</summary>
    public string? Eagerness { get; init; }
}
