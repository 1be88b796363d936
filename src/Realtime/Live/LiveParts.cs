using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// The parts of one <see cref="LiveConversation"/>. Each owns its state and its timers and knows nothing of the others; the machine
/// and its rules carry what one part says to the next. Everything but turns is the same as in the <see cref="TurnMachine"/>.
/// </summary>
internal sealed class LiveParts
{
    public LiveParts(TurnOptions options, ConversationLog log, TimeSpan callTime)
    {
        Context = new TurnContext(options, callTime);
        Context.Learn(ServerHabits.NoTruncate);
        Conversation = new ConversationWriter(Context, log);
        Playback = new Playback(Context, Conversation);
        OutOfBand = new OutOfBand(Context, Conversation);
        LastWritings = new LastWritings(Context, OutOfBand);
        Calls = new FunctionCalls(Context, Conversation);
        Sessions = new LiveSessions(Context);
        Appends = new LiveAppends(Context);
        Agent = new AgentSpeech(Context, Conversation, Playback);
        Person = new PersonSpeech(Context, Conversation);
        Work = new DelegatedWork(Context, Conversation, Calls, Appends);
        Heard = new HeardReports(Conversation, Playback, Appends);
        Meter = new LiveMeter(Context, Conversation);
    }

    public TurnContext Context { get; }

    public ConversationWriter Conversation { get; }

    public Playback Playback { get; }

    public OutOfBand OutOfBand { get; }

    public LastWritings LastWritings { get; }

    public FunctionCalls Calls { get; }

    public LiveSessions Sessions { get; }

    public LiveAppends Appends { get; }

    public AgentSpeech Agent { get; }

    public PersonSpeech Person { get; }

    public DelegatedWork Work { get; }

    public HeardReports Heard { get; }

    public LiveMeter Meter { get; }

    /// <summary>Nobody speaks and nothing is worked on.</summary>
    public bool IsQuiet => !Agent.IsSpeaking && Playback.IsEmpty && !Person.IsSpeaking && !Work.IsActive;

    /// <summary>The words so far, of both, for whoever reads the log now.</summary>
    public void LogWords()
    {
        Person.Log();
        Playback.LogGenerated();
    }
}
