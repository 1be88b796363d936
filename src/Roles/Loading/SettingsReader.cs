using System.Globalization;
using Bridge.Roles.Documents;
using Bridge.Roles.Validation;

namespace Bridge.Roles.Loading;

/// <summary>Turns validated documents into settings; what is not written keeps the settings' own default.</summary>
internal static class SettingsReader
{
    public static ModelSettings Model(ModelDocument? document)
    {
        var defaults = new ModelSettings();
        if (document is null)
        {
            return defaults;
        }

        var ratio = ModelDocumentValidator.TryRatio(document.Truncation, out var share) ? share : (double?)null;
        return new ModelSettings
        {
            Name = document.Name,
            IsLive = IsLive(document),
            DelegatesToHost = document.Delegation != "responses",
            Backend = document.Backend,
            Economy = document.Economy,
            MaxOutputTokens = document.MaxOutputTokens is null or "inf" ? null : int.Parse(document.MaxOutputTokens, CultureInfo.InvariantCulture),
            ReasoningEffort = document.ReasoningEffort,
            Truncation = ratio is null ? document.Truncation ?? defaults.Truncation : defaults.Truncation,
            RetentionRatio = ratio,
            NoiseReduction = document.NoiseReduction == "none" ? null : document.NoiseReduction,
            Transcription = document.Transcription?.Enabled == false ? null : new TranscriptionSettings
            {
                Model = document.Transcription?.Model ?? defaults.Transcription!.Model,
                Language = document.Transcription?.Language,
                Prompt = document.Transcription?.Prompt,
            },
            Tracing = document.Tracing ?? defaults.Tracing,
            PromptId = document.PromptId,
            ParallelToolCalls = document.ParallelToolCalls,
        };
    }

    public static DtmfPolicy Dtmf(string? word) => word switch
    {
        "model" => DtmfPolicy.Model,
        "page" => DtmfPolicy.Page,
        _ => DtmfPolicy.None,
    };

    /// <summary>The role's model is a full-duplex one.</summary>
    /// <param name="document">Of the role; null: it says nothing.</param>
    /// <param name="name">Another name than the role's.</param>
    public static bool IsLive(ModelDocument? document, string? name = null) => document?.Protocol switch
    {
        "live" => true,
        "realtime" => false,
        _ => LiveModels.Is(name ?? document?.Name),
    };

    public static VoiceSettings Voice(VoiceDocument? document, ModelDocument? model)
    {
        var defaults = new VoiceSettings();
        return new VoiceSettings { Name = document?.Name ?? model?.Voice ?? defaults.Name, Id = document?.Id, Speed = document?.Speed
            ?? defaults.Speed };
    }

    public static TurnSettings Turn(TurnDocument? document)
    {
        var defaults = new TurnSettings();
        return new TurnSettings
        {
            Mode = document?.Mode switch { "semantic_vad" => TurnMode.SemanticVad, "manual" => TurnMode.Manual, _ => TurnMode.ServerVad },
            Threshold = document?.Threshold ?? defaults.Threshold,
            PrefixPadding = Milliseconds(document?.PrefixPaddingMs) ?? defaults.PrefixPadding,
            Silence = Milliseconds(document?.SilenceMs) ?? defaults.Silence,
            Preemptive = document?.Preemptive ?? defaults.Preemptive,
            Eagerness = document?.Eagerness ?? defaults.Eagerness,
            IdleTimeout = Milliseconds(document?.IdleTimeoutMs),
            ListeningSounds = document?.ListeningSounds ?? defaults.ListeningSounds,
            Waiting = document?.Waiting switch { "sound" => WaitingSign.Sound, "words" => WaitingSign.Words, _ => WaitingSign.None },
            WaitingWords = document?.WaitingWords ?? defaults.WaitingWords,
            WhileSpeaking = Sensitivity(document?.Interrupt?.Speaking),
            WhileThinking = Sensitivity(document?.Interrupt?.Thinking),
        };
    }

    public static RoleLimits Limits(LimitsDocument? document)
    {
        var defaults = new RoleLimits();
        return new RoleLimits
        {
            Duration = document?.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : defaults.Duration,
            ToolSteps = document?.ToolSteps ?? defaults.ToolSteps,
            Cost = document?.Cost,
            Think = document?.ThinkSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
    }

    public static GuardSettings? Guard(GuardDocument? document)
    {
        if (document is null)
        {
            return null;
        }

        var defaults = new GuardSettings { Say = "" };
        return new GuardSettings
        {
            Patterns = [.. (document.Patterns ?? []).Select(pattern => GuardSettings.TryPattern(pattern)!)],
            Hook = document.Hook is null ? null : Http(document.Hook),
            HookTimeout = Milliseconds(document.TimeoutMs) ?? defaults.HookTimeout,
            AllowUnjudged = document.OnError == "allow",
            Say = document.Say!,
        };
    }

    public static HttpToolSettings Http(HttpDocument http) => new()
    {
        Url = new Uri(http.Url!),
        Headers = http.Headers ?? [],
        Idempotent = http.Idempotent ?? false,
        Retries = http.Retries ?? 0,
        AllowPrivate = http.AllowPrivate ?? false,
    };

    public static RoleRecords Records(RecordsDocument? document) => new()
    {
        Keep = document?.Keep is { } keep && RoleRecords.TryKeep(keep, out var time) ? time : null,
        Transcript = document?.Transcript switch { "no" => TranscriptPolicy.No, "redacted" => TranscriptPolicy.Redacted, _ => TranscriptPolicy.Yes },
        Audio = document?.Audio switch { "tracks" => AudioPolicy.Tracks, "mixed" => AudioPolicy.Mixed, _ => AudioPolicy.None },
    };

    public static RoleWords Words(WordsDocument? document, string language)
    {
        var defaults = RoleWords.In(language);
        return new RoleWords((document?.Closing ?? defaults.Closing).Trim(), (document?.Goodbye ?? defaults.Goodbye).Trim())
        {
            Greeting = document?.Greeting?.Trim() ?? "",
        };
    }

    private static TimeSpan? Milliseconds(int? value) => value is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private static InterruptSensitivity Sensitivity(string? word) => word switch
    {
        "off" => InterruptSensitivity.Off,
        "ignore" => InterruptSensitivity.Ignore,
        "low" => InterruptSensitivity.Low,
        "high" => InterruptSensitivity.High,
        _ => InterruptSensitivity.Normal,
    };
}
