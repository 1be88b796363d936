using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Roles;

namespace Bridge.Calls;

/// <summary>Turns a role into what the turn machine and the model session are configured with.</summary>
internal static class RoleTurns
{
    // A new session of a full-duplex model takes 8,192 tokens of conversation, which in scripts of wide letters are as many characters.
    private const int LiveSummariseAbove = 12_000;

    /// <summary>Options of a call with this role.</summary>
    /// <param name="role">The role's snapshot.</param>
    /// <param name="context">Caller, time and locale for the templates.</param>
    /// <param name="tools">The tools of this call: the role's, and those the page registered.</param>
    /// <param name="sessionKind">The model the role's sessions are opened with.</param>
    /// <exception cref="InvalidOperationException">The role's text grows beyond its bound with this caller's attributes.</exception>
    public static TurnOptions Options(Role role, RoleContext context, IReadOnlyList<ToolDeclaration> tools, string sessionKind) =>
        WithoutTools(role, context, sessionKind).With(tools);

    /// <summary>The same options with these tools.</summary>
    public static TurnOptions With(this TurnOptions options, IReadOnlyList<ToolDeclaration> tools) => options with
    {
        Session = options.Session with { Tools = [.. tools.Select(t => new ModelTool(t.Name, t.Description, t.Parameters))] },
        Tools = tools.ToDictionary(t => t.Name, Policy, StringComparer.Ordinal),
    };

    /// <inheritdoc cref="Options"/>
    public static TurnOptions WithoutTools(Role role, RoleContext context, string sessionKind) => new()
    {
        Session = Session(role, context, IsLive(role, sessionKind)),
        SessionKind = sessionKind,
        AnswerHold = Hold(role.Turn),
        SpeaksFirst = role.Greeting,
        InterruptSpeaking = Interruption(role.Turn.WhileSpeaking),
        InterruptThinking = Interruption(role.Turn.WhileThinking),
        ListeningSounds = role.Turn.ListeningSounds,
        ThinkTime = role.Limits.Think,
        IdleTimeout = role.Turn.IdleTimeout,
        ModelHearsKeys = role.Dtmf == DtmfPolicy.Model,
        MaxToolSteps = role.Limits.ToolSteps,
        SummariseAbove = IsLive(role, sessionKind) ? LiveSummariseAbove : new TurnOptions().SummariseAbove,
        RecapInstructions = role.RenderRecap(context),
        Outcome = role.Outcome is { } outcome ? new ModelTool(RoleOutcome.Function, outcome.Description, outcome.Parameters) : null,
        ClosingWords = role.Words.Closing,
        GoodbyeWords = role.Words.Goodbye,
        GreetingWords = role.Words.Greeting,
    };

    /// <summary>The role's sessions are of a full-duplex model.</summary>
    public static bool IsLive(Role role, string sessionKind) => role.Model.IsLive
        || (role.Model.Name is null && LiveModels.Is(sessionKind));

    private static SessionSettings Session(Role role, RoleContext context, bool isLive) =>
        isLive ? Live(Session(role, context), role) : Session(role, context);

    // A backend model gets the voice model's instructions: it works on the same role's behalf.
    private static SessionSettings Live(SessionSettings session, Role role) => session with
    {
        Delegation = new LiveDelegation(role.Model.DelegatesToHost, role.Model.Backend, role.Model.DelegatesToHost ? null
            : session.Instructions),
    };

    private static SessionSettings Session(Role role, RoleContext context) => new()
    {
        Instructions = role.RenderInstructions(context),
        Voice = role.Voice.Id ?? role.Voice.Name,
        Speed = role.Voice.Speed == 1.0 ? null : role.Voice.Speed,
        TurnDetection = Detection(role.Turn),
        TranscriptionModel = role.Model.Transcription is { } transcription ? transcription.Model ?? "" : null,
        TranscriptionLanguage = role.Model.Transcription?.Language,
        TranscriptionPrompt = role.Model.Transcription?.Prompt,
        NoiseReduction = role.Model.NoiseReduction,
        ParallelToolCalls = role.Model.ParallelToolCalls,
        MaxOutputTokens = role.Model.MaxOutputTokens,
        ReasoningEffort = role.Model.ReasoningEffort,
        Truncation = Truncation(role.Model),
        Tracing = role.Model.Tracing ? JsonSerializer.SerializeToElement("auto") : null,
        PromptId = role.Model.PromptId,
    };

    private static JsonElement Truncation(ModelSettings model) => model.RetentionRatio is { } ratio
        ? JsonSerializer.SerializeToElement(new { type = "retention_ratio", retention_ratio = ratio })
        : JsonSerializer.SerializeToElement(model.Truncation);

    private static ToolPolicy Policy(ToolDeclaration tool) => new(
        tool.BargeIn switch
        {
            BargeInPolicy.Cancel => new EarlyAnswer(GoesOn: false),
            BargeInPolicy.Detach => new EarlyAnswer(GoesOn: true),
            _ => null,
        },
        tool.Progress == Roles.Settings.ToolProgress.Model,
        AnswersTurn: !(tool.Target == ToolTarget.Server && tool.Name is "stay_silent" or "wait"));

    private static TurnDetection? Detection(TurnSettings turn) => turn.Mode switch
    {
        TurnMode.Manual => null,
        TurnMode.SemanticVad => new SemanticVad { Eagerness = turn.Eagerness },
        _ => new ServerVad
        {
            Threshold = turn.Threshold,
            PrefixPaddingMs = (int)turn.PrefixPadding.TotalMilliseconds,
            SilenceDurationMs = (int)(turn.Silence - Hold(turn)).TotalMilliseconds,
        },
    };

    // The turn ends for the model earlier than for the caller.
    private static TimeSpan Hold(TurnSettings turn) =>
        turn is { Preemptive: true, Mode: TurnMode.ServerVad } && turn.Silence > TurnSettings.PreemptiveSilence
            ? turn.Silence - TurnSettings.PreemptiveSilence : TimeSpan.Zero;

    private static VoiceInterruption? Interruption(InterruptSensitivity sensitivity) => sensitivity switch
    {
        InterruptSensitivity.Off => null,
        InterruptSensitivity.Ignore => new VoiceInterruption { IsDropped = true, SilencesAtOnce = false },

        // A murmur of agreement is shorter than 600 ms; the agent speaks on through it.
        InterruptSensitivity.Low => new VoiceInterruption { SilencesAtOnce = false, SpeechLength = TimeSpan.FromMilliseconds(600) },
        InterruptSensitivity.High => new VoiceInterruption { OnPageSpeech = true },
        _ => new VoiceInterruption(),
    };
}
