namespace Bridge.Realtime.Model;

/// <summary><c>semantic_vad</c>: turns end by what was said.</summary>
public sealed record SemanticVad : TurnDetection
{
    /// <summary>low, medium, high or auto. Null takes the service's auto.</summary>
    public string? Eagerness { get; init; }
}
