using System.Text.Json;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;
using Bridge.Roles;

namespace Bridge.Calls;

/// <summary>Turns a role into what the turn machine and the model session are configured with.</summary>
internal static class RoleTurns
{
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
        Session = Session(role, context),
        SessionKind = sessionKind,
        SpeaksFirst = role.Greeting,
        InterruptSpeaking = Sensitivity(role.Turn.WhileSpeaking),
        InterruptThinking = Sensitivity(role.Turn.WhileThinking),
        IdleTimeout = role.Turn.IdleTimeout,
        MaxToolSteps = role.Limits.ToolSteps,
        RecapInstructions = role.RenderRecap(context),
    };

    private static SessionSettings Session(Role role, RoleContext context) => new()
    {
        Instructions = role.RenderInstructions(context),
        Voice = role.Voice.Id ?? role.Voice.Name,
        Speed = role.Voice.Speed == 1.0 ? null : role.Voice.Speed,
        TurnDetection = new TurnDetection(role.Turn.Mode switch
        {
            TurnMode.SemanticVad => TurnDetectionMode.SemanticVad,
            TurnMode.Manual => TurnDetectionMode.Manual,
            _ => TurnDetectionMode.ServerVad,
        })
        {
            Threshold = role.Turn.Threshold,
            PrefixPaddingMs = (int)role.Turn.PrefixPadding.TotalMilliseconds,
            SilenceMs = (int)role.Turn.Silence.TotalMilliseconds,
            Eagerness = role.Turn.Eagerness,
        },
        TranscriptionModel = role.Model.Transcription?.Model,
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
            BargeInPolicy.Cancel => ToolBargeIn.Cancel,
            BargeInPolicy.Detach => ToolBargeIn.Detach,
            _ => ToolBargeIn.Keep,
        },
        tool.Progress == Roles.ToolProgress.Model,
        AnswersTurn: !(tool.Target == ToolTarget.Server && tool.Name is "stay_silent" or "wait"));

    private static InterruptionSensitivity Sensitivity(InterruptSensitivity sensitivity) => sensitivity switch
    {
        InterruptSensitivity.Off => InterruptionSensitivity.Off,
        InterruptSensitivity.Low => InterruptionSensitivity.Low,
        InterruptSensitivity.High => InterruptionSensitivity.High,
        _ => InterruptionSensitivity.Normal,
    };
}
