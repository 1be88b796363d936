using Bridge.Realtime.Model;
using Bridge.Realtime.OpenAi;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>A server in a walk: which one the rehearsal model plays, and what the host takes it for.</summary>
/// <param name="Plays">The server's name (<c>rehearsal --as</c>); null: OpenAI's.</param>
/// <param name="Profile">The profile that the host was told.</param>
internal sealed record WalkServer(string? Plays, string Profile)
{
    /// <summary>It answers <c>session.update</c>.</summary>
    public bool Confirms { get; init; } = true;

    /// <summary>It takes one session at a time.</summary>
    public bool OneSession { get; init; }

    /// <summary>The protocol as OpenAI's server speaks it.</summary>
    public static WalkServer OpenAi { get; } = new(null, "openai");

    /// <summary>OpenAI's, three times out of five; one that takes a session at a time, and one that confirms nothing.</summary>
    public static IReadOnlyList<WalkServer> Plain { get; } =
    [
        OpenAi,
        OpenAi,
        OpenAi,
        new(null, "openai") { OneSession = true },
        new(null, "auto") { Confirms = false },
    ];

    /// <summary>Those of walks that name none: BRIDGE_SERVERS is <c>foreign</c> or <c>self</c>, or <see cref="Plain"/>.</summary>
    public static IReadOnlyList<WalkServer> Chosen => Environment.GetEnvironmentVariable("BRIDGE_SERVERS") switch
    {
        "foreign" => Foreign,
        "self" => SelfAnswering,
        _ => Plain,
    };

    /// <summary>Those that people host themselves and that leave the answers to the call.</summary>
    public static IReadOnlyList<WalkServer> Foreign { get; } =
    [
        new("beta", "beta"),
        new("beta", "auto"),
        new("speaches", "speaches"),
        new("speaches", "auto"),
        new("vllm-omni", "vllm-omni"),
        new("vllm-omni", "openai"),
        new("speaches", "auto") { Confirms = false },
    ];

    /// <summary>Those that answer by themselves.</summary>
    public static IReadOnlyList<WalkServer> SelfAnswering { get; } =
    [
        new("localai", "localai"),
        new("localai", "auto"),
        new("localai", "auto") { Confirms = false },
        new("huggingface", "huggingface") { OneSession = true },
        new("huggingface", "auto") { OneSession = true },
    ];

    /// <summary>It can do without a voice detection of its own, and so serve a talk key.</summary>
    public bool TakesTalkKey => Plays is not ("localai" or "speaches" or "huggingface");

    /// <summary>Habits that it has whatever it is taken for.</summary>
    public bool AnswersTurns => Plays is "localai" or "huggingface";

    /// <summary>The dialect that the host speaks with it, once its first event has come.</summary>
    public ServerDialect Dialect(ModelEvent.SessionCreated created) =>
        new(ServerProfile.Find(Profile)!.Resolve(created.LooksLike, isProviders: false).Habits, created.SessionId);

    /// <summary>True for an error that this server has for a client that does nothing wrong.</summary>
    public bool Says(ModelEvent.Error error) => Plays switch
    {
        "speaches" => error.Message.Contains("is not supported. The server either", StringComparison.Ordinal),

        // Taken for OpenAI's, it is found out by what it refuses.
        "vllm-omni" => Profile == "openai" && (error.Code == "unsupported_turn_detection" || error.Param == "response.conversation"),
        _ => false,
    };
}
