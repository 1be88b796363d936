using System.Text.Json;

namespace Bridge.Realtime.Model;

/// <summary>
/// A session's configuration: the fields of GA <c>RealtimeSessionCreateRequestGA</c> the bridge sets. Null leaves the
/// service's default. The GA protocol has no temperature; <see cref="ReasoningEffort"/>, <see cref="Speed"/> and
/// <see cref="MaxOutputTokens"/> are what it offers instead.
/// </summary>
public sealed record SessionSettings
{
    /// <summary>System instructions.</summary>
    public string? Instructions { get; init; }

    /// <summary>Voice name (<c>marin</c>), or a custom voice's id beginning with <c>voice_</c>. Fixed once the model has spoken.</summary>
    public string? Voice { get; init; }

    /// <summary>Speaking speed, 0.25 to 1.5; changed between turns only.</summary>
    public double? Speed { get; init; }

    /// <summary>True to answer in text only; audio (with transcript) otherwise.</summary>
    public bool TextOnly { get; init; }

    /// <summary>How turns end; null: push to talk, the page says when a turn begins and ends.</summary>
    public TurnDetection? TurnDetection { get; init; } = new ServerVad();

    /// <summary>
    /// Transcription model (<c>gpt-transcribe</c>); empty: the one that the server's provider recommends, or the server's own;
    /// null turns transcription of the caller off.
    /// </summary>
    public string? TranscriptionModel { get; init; }

    /// <summary>ISO 639-1 language of the caller, for the transcription.</summary>
    public string? TranscriptionLanguage { get; init; }

    /// <summary>Prompt for the transcription.</summary>
    public string? TranscriptionPrompt { get; init; }

    /// <summary><c>near_field</c> or <c>far_field</c>; null turns noise reduction off.</summary>
    public string? NoiseReduction { get; init; }

    /// <summary>The form in which a full-duplex model hands work on (<c>/v1/live/sessions</c>); null: a Realtime session.</summary>
    public LiveDelegation? Delegation { get; init; }

    /// <summary>Functions the model may call.</summary>
    public IReadOnlyList<ModelTool> Tools { get; init; } = [];

    /// <summary>auto, none, required, or a function's name; null leaves auto.</summary>
    public string? ToolChoice { get; init; }

    /// <summary>Whether the model may call several functions at once (reasoning models only).</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>Longest answer in tokens; 0 or less means <c>inf</c>.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>minimal, low, medium, high or xhigh (reasoning models only).</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary><c>auto</c>, <c>disabled</c>, or JSON of a retention_ratio object.</summary>
    public JsonElement? Truncation { get; init; }

    /// <summary>Tracing: <c>"auto"</c>, or JSON with workflow_name, group_id, metadata. Fixed once set.</summary>
    public JsonElement? Tracing { get; init; }

    /// <summary>Id of a prompt hosted by the provider.</summary>
    public string? PromptId { get; init; }

    /// <summary>Version of the hosted prompt.</summary>
    public string? PromptVersion { get; init; }

    /// <summary>Variables of the hosted prompt: a JSON object.</summary>
    public JsonElement? PromptVariables { get; init; }
}
