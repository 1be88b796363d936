namespace Bridge.Roles.Settings;

/// <summary>The <c>model:</c> part of a role; each value goes into the Realtime session as it stands.</summary>
public sealed record ModelSettings
{
    /// <summary>The realtime model's name; null leaves it to the host's configuration.</summary>
    public string? Name { get; init; }

    /// <summary>The cheaper model that a call moves to when most of its budget of money is used up; null for none.</summary>
    public string? Economy { get; init; }

    /// <summary>A full-duplex model (<c>/v1/live/sessions</c>), which takes no turns.</summary>
    public bool IsLive { get; init; }

    /// <summary>
    /// Of a full-duplex model: delegated work is done by a text model of the host's, else by a backend model of its service.
    /// </summary>
    public bool DelegatesToHost { get; init; } = true;

    /// <summary>Name of the backend or text model; null leaves it to the host's configuration.</summary>
    public string? Backend { get; init; }

    /// <summary>Tokens of one response, 1..4096; null for no limit (<c>inf</c>).</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>minimal, low, medium, high or xhigh; null leaves the field out (models that don't reason refuse it).</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>auto or disabled; <see cref="RetentionRatio"/> has precedence.</summary>
    public string Truncation { get; init; } = "auto";

    /// <summary>Truncate down to this share of the context, 0..1; null when <see cref="Truncation"/> says how.</summary>
    public double? RetentionRatio { get; init; }

    /// <summary>near_field or far_field; null for none.</summary>
    public string? NoiseReduction { get; init; }

    /// <summary>How the caller's words are transcribed; null turns the transcript off.</summary>
    public TranscriptionSettings? Transcription { get; init; } = new();

    /// <summary>Whether the service may write a trace of the session.</summary>
    public bool Tracing { get; init; }

    /// <summary>Id of a prompt hosted at the service, used beside the instructions; null for none.</summary>
    public string? PromptId { get; init; }

    /// <summary>Whether the model may call several tools at once; null leaves the field out.</summary>
    public bool? ParallelToolCalls { get; init; }
}
