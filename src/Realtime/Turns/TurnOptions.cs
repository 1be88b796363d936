using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>How a call takes its turns; from the role. Times are of the machine's clock.</summary>
public sealed record TurnOptions
{
    /// <summary>Tells the options of a call apart; comes back in <see cref="TurnCommand.SettleOptions"/>.</summary>
    public int Version { get; init; }

    /// <summary>The model session's configuration.</summary>
    public SessionSettings Session { get; init; } = new();

    /// <summary>
    /// The model's name, with which a session is opened. A role change that brings another kind moves
    /// the call to a new session instead of updating the one it has.
    /// </summary>
    public string SessionKind { get; init; } = "";

    /// <summary>True: the agent speaks first.</summary>
    public bool SpeaksFirst { get; init; }

    /// <summary>The words of the greeting; empty: the model finds them. Only with a full-duplex model.</summary>
    public string GreetingWords { get; init; } = "";

    /// <summary>
    /// Silence that has to pass after the service's end of a turn before the answer to it may be heard. The response is asked for at
    /// once and held. It needs <see cref="ServerVad"/>; zero: nothing is held.
    /// </summary>
    public TimeSpan AnswerHold { get; init; }

    /// <summary>How the caller's voice interrupts while the agent is audible; null: not at all, the page's stop button still works.</summary>
    public VoiceInterruption? InterruptSpeaking { get; init; } = new();

    /// <summary>How it interrupts while an answer is on its way and nothing is audible; null: not at all.</summary>
    public VoiceInterruption? InterruptThinking { get; init; } = new();

    /// <summary>Sounds of a listener: speech that consists of nothing else is no interruption.</summary>
    public IReadOnlyCollection<string> ListeningSounds { get; init; } = [];

    /// <summary>Silence of both after which the agent asks whether the person is still there; null: never.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>True: the model is told the keys of the telephone keypad that the person presses; false: the page alone is.</summary>
    public bool ModelHearsKeys { get; init; } = true;

    /// <summary>Function-call rounds in one turn before the model is told to answer without tools.</summary>
    public int MaxToolSteps { get; init; } = 8;

    /// <summary>Policies by tool name; a tool without one takes the default.</summary>
    public IReadOnlyDictionary<string, ToolPolicy> Tools { get; init; } = new Dictionary<string, ToolPolicy>();

    /// <summary>Instructions of the recap at hang-up; null: none.</summary>
    public string? RecapInstructions { get; init; }

    /// <summary>The function whose arguments are the outcome of a call, asked for at its end; null: none.</summary>
    public ModelTool? Outcome { get; init; }

    /// <summary>Each response is paid before it is asked for (<see cref="TurnCommand.ReserveBudget"/>).</summary>
    public bool IsBudgeted { get; init; }

    /// <summary>The words of the agent when most of a budget is used up; empty for nothing.</summary>
    public string ClosingWords { get; init; } = "";

    /// <summary>The words of the agent when a budget is used up; empty for nothing.</summary>
    public string GoodbyeWords { get; init; } = "";

    /// <summary>Failed responses in a row after which the session counts as wedged and is replaced.</summary>
    public int FailuresBeforeRollover { get; init; } = 3;

    /// <summary>
    /// A response of which no event comes for this long counts as stalled. A model that reasons is silent for as long as it
    /// thinks.
    /// </summary>
    public TimeSpan ResponseTimeout => ThinkTime ?? TimeSpan.FromSeconds(Session.ReasoningEffort switch
    {
        "medium" => 40,
        "high" => 60,
        "xhigh" => 120,
        _ => 20,
    });

    /// <summary>The role's own limit in place of the one that the reasoning effort asks for; null: none.</summary>
    public TimeSpan? ThinkTime { get; init; }

    /// <summary>Attempts to open a session in a row before the call ends.</summary>
    public int OpenAttempts { get; init; } = 6;

    /// <summary>Pause before the second attempt; doubles, to at most 8 s.</summary>
    public TimeSpan OpenRetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Characters of conversation above which the oldest part is summarised before it is replayed into a new session.</summary>
    public int SummariseAbove { get; init; } = 24_000;

    /// <summary>The policy of a tool.</summary>
    public ToolPolicy PolicyOf(string tool) => Tools.TryGetValue(tool, out var policy) ? policy : DefaultPolicy;

    private static readonly ToolPolicy DefaultPolicy = new();
}
