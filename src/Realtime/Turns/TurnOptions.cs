using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>How a call takes its turns; from the role. Times are of the machine's clock.</summary>
public sealed record TurnOptions
{
    /// <summary>The model session's configuration.</summary>
    public SessionSettings Session { get; init; } = new();

    /// <summary>
    /// What a session is opened with beside its settings (the model's name). A role change that brings another kind moves
    /// the call to a new session instead of updating the one it has.
    /// </summary>
    public string SessionKind { get; init; } = "";

    /// <summary>True: the agent speaks first.</summary>
    public bool SpeaksFirst { get; init; }

    /// <summary>Instructions of the greeting response; null lets the model greet by its own instructions.</summary>
    public string? GreetingInstructions { get; init; }

    /// <summary>Sensitivity while the agent is audible.</summary>
    public InterruptionSensitivity InterruptSpeaking { get; init; } = InterruptionSensitivity.Normal;

    /// <summary>Sensitivity while an answer is on its way and nothing is audible.</summary>
    public InterruptionSensitivity InterruptThinking { get; init; } = InterruptionSensitivity.Normal;

    /// <summary>Speech longer than this interrupts even at Low (known when it has lasted longer by the silence that ends a turn).</summary>
    public TimeSpan LowSensitivityDelay { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>
    /// Speech shorter than this that leaves no words was a cough: the sentence resumes. Zero turns it off; it is off
    /// without transcription.
    /// </summary>
    public TimeSpan FalseInterruption { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a short interruption waits for its transcript before it counts as real.</summary>
    public TimeSpan TranscriptWait { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>Silence of both after which the agent asks whether the person is still there; null: never.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Instructions of that prompt.</summary>
    public string IdleInstructions { get; init; } = "The person has been silent for a while. Ask briefly whether they are still there.";

    /// <summary>Prompts in a row before the agent stops asking.</summary>
    public int IdlePrompts { get; init; } = 2;

    /// <summary>Function-call rounds in one turn before the model is told to answer without tools.</summary>
    public int MaxToolSteps { get; init; } = 8;

    /// <summary>Policies by tool name; a tool without one takes the default.</summary>
    public IReadOnlyDictionary<string, ToolPolicy> Tools { get; init; } = new Dictionary<string, ToolPolicy>();

    /// <summary>Instructions of the recap at hang-up; null: none.</summary>
    public string? RecapInstructions { get; init; }

    /// <summary>How long hang-up waits for the recap.</summary>
    public TimeSpan RecapTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long before a session's end its successor is opened. At most half the session's lifetime is used.</summary>
    public TimeSpan RolloverLead { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Failed responses in a row after which the session counts as wedged and is replaced.</summary>
    public int FailuresBeforeRollover { get; init; } = 3;

    /// <summary>A response that has not begun or moved for this long counts as failed.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Attempts to open a session in a row before the call ends.</summary>
    public int OpenAttempts { get; init; } = 6;

    /// <summary>Pause before the second attempt; doubles, to at most 8 s.</summary>
    public TimeSpan OpenRetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Characters of conversation above which the oldest part is summarised before it is replayed into a new session.</summary>
    public int SummariseAbove { get; init; } = 24_000;

    /// <summary>A page's playout report older than this yields to the server's estimate.</summary>
    public TimeSpan HeardReportMaxAge { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After a clear, how long the page's last report is waited for before the truncation is fixed.</summary>
    public TimeSpan HeardSettle { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Delay from the server's packet clock to the ear, assumed until the page reported.</summary>
    public TimeSpan AssumedPlayoutDelay { get; init; } = TimeSpan.FromMilliseconds(120);

    /// <summary>The policy of a tool.</summary>
    public ToolPolicy PolicyOf(string tool) => Tools.TryGetValue(tool, out var policy) ? policy : DefaultPolicy;

    private static readonly ToolPolicy DefaultPolicy = new();
}
