namespace Bridge.Telemetry;

/// <summary>
/// Names of spans, attributes and events. Those of <c>gen_ai</c> and <c>error</c> are of the OpenTelemetry semantic conventions for
/// generative AI (1.41, in development); those of <c>bridge</c> are ours.
/// </summary>
internal static class SpanNames
{
    public const string Operation = "gen_ai.operation.name";
    public const string Provider = "gen_ai.provider.name";
    public const string Agent = "gen_ai.agent.name";
    public const string Conversation = "gen_ai.conversation.id";
    public const string RequestModel = "gen_ai.request.model";
    public const string OutputType = "gen_ai.output.type";
    public const string ResponseId = "gen_ai.response.id";
    public const string FinishReasons = "gen_ai.response.finish_reasons";
    public const string FirstChunk = "gen_ai.response.time_to_first_chunk"; // seconds
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string ToolName = "gen_ai.tool.name";
    public const string ToolCall = "gen_ai.tool.call.id";
    public const string ToolType = "gen_ai.tool.type";
    public const string ToolArguments = "gen_ai.tool.call.arguments";
    public const string ToolResult = "gen_ai.tool.call.result";
    public const string InputMessages = "gen_ai.input.messages";
    public const string OutputMessages = "gen_ai.output.messages";
    public const string ErrorType = "error.type";

    public const string EndReason = "bridge.call.reason";
    public const string Cost = "bridge.call.cost_usd";
    public const string Recovered = "bridge.call.recovered";
    public const string TurnKind = "bridge.turn.kind";
    public const string FirstAudio = "bridge.turn.first_audio_ms";
    public const string Heard = "bridge.turn.heard_ms";
    public const string Truncated = "bridge.turn.truncated_ms";
    public const string Interrupted = "bridge.turn.interrupted";
    public const string Purpose = "bridge.response.purpose";
    public const string Session = "bridge.session.number";
    public const string SessionReason = "bridge.session.reason";
    public const string Link = "bridge.link";
    public const string Problem = "bridge.problem";

    /// <summary>Begins the name of the span of a call; its role follows.</summary>
    public const string InvokeAgent = "invoke_agent";

    /// <summary>Begins the name of the span of a response; the model follows.</summary>
    public const string Chat = "chat";

    /// <summary>Begins the name of the span of a function call; the function follows.</summary>
    public const string ExecuteTool = "execute_tool";

    /// <summary>Begins the name of the span of a session's opening; the model follows.</summary>
    public const string OpenSession = "open_session";

    /// <summary>Name of the span of a turn.</summary>
    public const string Turn = "turn";
}
