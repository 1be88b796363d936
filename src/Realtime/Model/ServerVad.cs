namespace Bridge.Realtime.Model;

/// <summary><c>server_vad</c>: turns end by level and silence.</summary>
public sealed record ServerVad : TurnDetection
{
    /// <summary>Level that counts as speech, 0 to 1. Null takes the service's 0.5.</summary>
    public double? Threshold { get; init; }

    /// <summary>Audio kept from before speech was found, ms. Null takes the service's 300.</summary>
    public int? PrefixPaddingMs { get; init; }

    /// <summary>Silence that ends a turn, ms. Null takes the service's 500.</summary>
    public int? SilenceDurationMs { get; init; }
}
