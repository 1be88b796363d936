using System.Globalization;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Shared by the parts of one <see cref="TurnMachine"/>: the time of the input that is being handled, the options, the
/// timers, and the way out for commands.
/// </summary>
internal sealed class TurnContext(TurnOptions options, TimeSpan callTime = default)
{
    private List<TurnCommand> _output = [];
    private TimeSpan? _start;
    private int _tags;

    /// <summary>Time of the input or timer that is being handled.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Time since the call's start; entries of the log are stamped with it.</summary>
    public TimeSpan CallTime => callTime + Now - (_start ?? Now);

    /// <summary>Replaced by the machine alone, at a turn boundary.</summary>
    public TurnOptions Options { get; set; } = options;

    /// <summary>The session that commands and the microphone go to; null between two. Set by <see cref="ModelSessions"/> alone.</summary>
    public ModelLink? Session { get; set; }

    /// <summary>How the model's server deviates from OpenAI's, as far as is known.</summary>
    public ServerHabits Habits { get; private set; }

    /// <summary>The server returns the tags of responses: one without a tag is of the server's own making.</summary>
    public bool ReturnsTags { get; private set; }

    public TurnTimers Timers { get; } = new();

    /// <summary>The state that the page shows.</summary>
    public CallState State { get; private set; } = CallState.Connecting;

    /// <summary>An input begins: its time, and where its commands go.</summary>
    public void Begin(TimeSpan now, List<TurnCommand> output)
    {
        Now = now;
        _start ??= now;
        _output = output;
    }

    /// <summary>The server has this habit.</summary>
    public bool Has(ServerHabits habit) => (Habits & habit) != 0;

    /// <summary>The server was found to have these habits.</summary>
    public void Learn(ServerHabits habits)
    {
        Habits |= habits;

        // The sources of those that answer by themselves say so: no response has to show it first.
        ReturnsTags |= Has(ServerHabits.AnswersTurns) && !Has(ServerHabits.NoMetadata);
    }

    /// <summary>A response has begun, with this tag.</summary>
    public void OnTag(string? tag) => ReturnsTags |= tag is not null;

    public void Emit(TurnCommand command) => _output.Add(command);

    public void Report(string code, string message) => Emit(new TurnCommand.ReportProblem(code, message));

    /// <summary>Shows the page a state, when it is another.</summary>
    public void Show(CallState state)
    {
        if (state != State)
        {
            State = state;
            Emit(new TurnCommand.ShowState(state));
        }
    }

    /// <summary>Sends to <see cref="Session"/>; nothing happens between two sessions.</summary>
    public void Send(ModelCommand command)
    {
        if (Session is { } session)
        {
            session.Size.OnSent(command);
            Emit(new TurnCommand.SendToModel(session.Number, command));
        }
    }

    /// <summary>A tag for the next response, unique in the call.</summary>
    public string NextTag(string kind) => kind + (++_tags).ToString(CultureInfo.InvariantCulture);
}
