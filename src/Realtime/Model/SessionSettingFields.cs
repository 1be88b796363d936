namespace Bridge.Realtime.Model;

/// <summary>
/// The fields of <c>session.update</c> that a session can do without, by the names that the service gives them in an error's
/// <c>param</c>. A service that refuses one gets the rest.
/// </summary>
internal static class SessionSettingFields
{
    // The longest path that matches counts, so that the parts of an object stand before the object.
    private static readonly (string Path, Func<SessionSettings, SessionSettings> Without)[] Fields =
    [
        ("session.audio.input.transcription.language", s => s with { TranscriptionLanguage = null }),
        ("session.audio.input.transcription.prompt", s => s with { TranscriptionPrompt = null }),
        ("session.audio.input.transcription", s =>
            s with { TranscriptionModel = null, TranscriptionLanguage = null, TranscriptionPrompt = null }),
        ("session.audio.input.noise_reduction", s => s with { NoiseReduction = null }),
        ("session.audio.input.turn_detection.threshold", s => s.TurnDetection is ServerVad vad
            ? s with { TurnDetection = vad with { Threshold = null } } : s),
        ("session.audio.input.turn_detection.prefix_padding_ms", s => s.TurnDetection is ServerVad vad
            ? s with { TurnDetection = vad with { PrefixPaddingMs = null } } : s),
        ("session.audio.input.turn_detection.silence_duration_ms", s => s.TurnDetection is ServerVad vad
            ? s with { TurnDetection = vad with { SilenceDurationMs = null } } : s),
        ("session.audio.input.turn_detection.eagerness", s => s.TurnDetection is SemanticVad vad
            ? s with { TurnDetection = vad with { Eagerness = null } } : s),

        // Level and silence is what every service has. Without any the service would take its default, and answer by itself.
        ("session.audio.input.turn_detection", s => s.TurnDetection is SemanticVad ? s with { TurnDetection = new ServerVad() } : s),
        ("session.audio.output.voice", s => s with { Voice = null }),
        ("session.audio.output.speed", s => s with { Speed = null }),
        ("session.tools", s => s.Tools.Count > 0 ? s with { Tools = [] } : s),
        ("session.tool_choice", s => s with { ToolChoice = null }),
        ("session.parallel_tool_calls", s => s with { ParallelToolCalls = null }),
        ("session.max_output_tokens", s => s with { MaxOutputTokens = null }),
        ("session.reasoning", s => s with { ReasoningEffort = null }),
        ("session.truncation", s => s with { Truncation = null }),
        ("session.tracing", s => s with { Tracing = null }),
        ("session.prompt.version", s => s with { PromptVersion = null }),
        ("session.prompt.variables", s => s with { PromptVariables = null }),
        ("session.prompt", s => s with { PromptId = null, PromptVersion = null, PromptVariables = null }),
    ];

    /// <summary>The field's path, of ours; null when a session can not do without what is named, or does already.</summary>
    /// <param name="param">The error's <c>param</c>: <c>session.audio.output.speed</c>, also of a part of a field.</param>
    /// <param name="settings">The configuration that was sent.</param>
    public static string? Find(string? param, SessionSettings settings)
    {
        foreach (var (path, without) in Fields)
        {
            if (param is not null && param.StartsWith(path, StringComparison.Ordinal)
                && (param.Length == path.Length || param[path.Length] is '.' or '['))
            {
                return without(settings) == settings ? null : path;
            }
        }

        return null;
    }

    /// <summary>The same settings without these fields.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="paths">As <see cref="Find"/> gave them.</param>
    public static SessionSettings Without(SessionSettings settings, IEnumerable<string> paths)
    {
        foreach (var refused in paths)
        {
            settings = Array.Find(Fields, field => field.Path == refused).Without(settings);
        }

        return settings;
    }

    /// <summary>
    /// True when a session that has the one settings can not be brought to the other by an update: a field that leaves no way back
    /// (the reasoning effort, the language of a transcription, tracing once it is on), or a voice after the first audio.
    /// </summary>
    /// <param name="has">The configuration that the session was told.</param>
    /// <param name="wanted">The configuration that it is to have.</param>
    /// <param name="spoke">The session has put out audio.</param>
    public static bool NeedsAnotherSession(SessionSettings has, SessionSettings wanted, bool spoke)
    {
        var transcribes = wanted.TranscriptionModel is not null && has.TranscriptionModel is not null;
        var prompts = wanted.PromptId is not null && has.PromptId is not null;
        return (has.Voice != wanted.Voice && (spoke || wanted.Voice is null))
            || IsDropped(has.ReasoningEffort, wanted.ReasoningEffort)
            || (transcribes && (IsDropped(has.TranscriptionLanguage, wanted.TranscriptionLanguage)
            || IsDropped(has.TranscriptionPrompt, wanted.TranscriptionPrompt)))
            || (prompts && (IsDropped(has.PromptVersion, wanted.PromptVersion)
            || (has.PromptVariables is not null && wanted.PromptVariables is null)))
            || (has.Tracing is { } tracing && !(wanted.Tracing is { } other && System.Text.Json.JsonElement.DeepEquals(tracing, other)));
    }

    private static bool IsDropped(string? has, string? wanted) => has is not null && wanted is null;
}
