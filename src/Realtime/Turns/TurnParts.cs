using Bridge.Realtime.Conversation;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The parts of one <see cref="TurnMachine"/>. Each owns its state and its timers and knows nothing of the others; the
/// machine and its rules, which have no state of a conversation themselves, carry what one part says to the next.
/// </summary>
internal sealed class TurnParts
{
    // A response may be asked for, a role changed, a summary made: but for the page, which only a response needs.
    private const ResponseBlockers Turn = ResponseBlockers.NoSession | ResponseBlockers.ResponseActive
        | ResponseBlockers.UserSpeaking | ResponseBlockers.VerdictPending | ResponseBlockers.ConfigurationPending;

    public TurnParts(TurnOptions options, ConversationLog log, TimeSpan callTime)
    {
        Context = new TurnContext(options, callTime);
        Conversation = new ConversationWriter(Context, log);
        User = new UserTurns(Context, Conversation);
        Written = new WrittenAnswers(Context, Conversation);
        Held = new HeldAnswer(Context);
        Responses = new Responses(Context, greeted: log.Items.Count > 0, Written);
        OutOfBand = new OutOfBand(Context, Conversation);
        LastWritings = new LastWritings(Context, OutOfBand);
        Playback = new Playback(Context, Conversation);
        Sessions = new ModelSessions(Context);
        Calls = new FunctionCalls(Context, Conversation);
    }

    public TurnContext Context { get; }

    public ConversationWriter Conversation { get; }

    public UserTurns User { get; }

    public WrittenAnswers Written { get; }

    public HeldAnswer Held { get; }

    public Responses Responses { get; }

    public OutOfBand OutOfBand { get; }

    public LastWritings LastWritings { get; }

    public Playback Playback { get; }

    public ModelSessions Sessions { get; }

    public FunctionCalls Calls { get; }

    /// <summary>Why no response may be requested, as far as the parts know.</summary>
    public ResponseBlockers Blockers => Sessions.Blockers | Responses.Blockers | User.Blockers | Playback.Blockers;

    /// <summary>Between two turns: a session is there, nobody speaks, and no response is active.</summary>
    public bool IsBetweenTurns => (Blockers & Turn) == ResponseBlockers.None;

    /// <summary>The agent is audible or about to be.</summary>
    public bool IsAgentBusy => Playback.IsAudible || Responses.IsAnswering;

    /// <summary>The agent neither speaks nor answers, and the person does not speak.</summary>
    public bool IsQuiet => Responses.IsIdle && Playback.IsEmpty && !User.IsSpeaking;
}
