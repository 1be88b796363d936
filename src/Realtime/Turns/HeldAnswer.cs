using System.Globalization;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The answer that is asked for before the role's silence has passed (<see cref="TurnOptions.AnswerHold"/>). The model's events of
/// it wait here. They are released when the silence has passed, and dropped when the person goes on: the log, the page and the
/// functions never know of it.
/// </summary>
internal sealed class HeldAnswer(TurnContext context)
{
    /// <summary>Answers before it can be said that asking ahead does not pay in this call.</summary>
    public const int MinAttempts = 5;

    /// <summary>Share of discarded answers, %, above which the call asks for none ahead.</summary>
    public const int MaxInVain = 40;

    private readonly List<ModelEvent> _events = [];
    private readonly Deadline _silence = context.Timers.Own(TurnTimer.Hold);
    private int _attempts;
    private int _inVain;
    private bool _isOff;

    /// <summary>The response that is held; null: none is.</summary>
    public ResponseFlight? Flight { get; private set; }

    /// <summary>The service has reported the end of a turn, and the role's silence has not passed yet.</summary>
    public bool IsPausing => _silence.IsSet;

    /// <summary>The person went on after a turn: that is answered with what follows, or alone when nothing follows.</summary>
    public bool IsOwed { get; set; }

    /// <summary>
    /// Only the answer to the person is asked for before the silence has passed, and not in a call where that does not pay.
    /// </summary>
    public ResponseBlockers BlockersOf(WantedResponse wanted) =>
        IsPausing && (_isOff || wanted != WantedResponse.UserTurn) ? ResponseBlockers.TurnPause : ResponseBlockers.None;

    /// <summary>The service's voice detection hears the end of the speech.</summary>
    public void OnSpeechStopped()
    {
        // A server that answers by itself waits for nobody.
        if (context.Options is { AnswerHold: { Ticks: > 0 } hold, Session.TurnDetection: ServerVad }
            && !context.Has(ServerHabits.AnswersTurns))
        {
            _silence.Set(context.Now + hold);
        }
    }

    /// <summary>The silence is waited for no longer. False: it was not.</summary>
    public bool EndPause()
    {
        var was = IsPausing;
        _silence.Clear();
        return was;
    }

    /// <summary>A response was asked for within the pause: it is held.</summary>
    public void Begin(ResponseFlight flight)
    {
        _events.Clear();
        Flight = flight;
        flight.IsHeld = true;
    }

    /// <summary>Keeps an event of the response.</summary>
    public void Keep(ModelEvent what) => _events.Add(what);

    /// <summary>The silence has passed: what the response has said so far, in order.</summary>
    public IReadOnlyList<ModelEvent> Release()
    {
        Count(inVain: false);
        return Take();
    }

    /// <summary>The response was cancelled: nothing of it was said. Its end, if that came already.</summary>
    public ModelEvent? Withdraw()
    {
        Flight!.IsInVain = true;
        Count(inVain: true);
        return Take().FirstOrDefault(what => what is ModelEvent.ResponseDone);
    }

    /// <summary>The response was refused or is lost with its session.</summary>
    public void Drop()
    {
        if (Flight is not null)
        {
            Take();
        }
    }

    private ModelEvent[] Take()
    {
        ModelEvent[] events = [.. _events];
        _events.Clear();
        Flight!.IsHeld = false;
        Flight = null;
        return events;
    }

    private void Count(bool inVain)
    {
        _attempts++;
        _inVain += inVain ? 1 : 0;
        context.Emit(new TurnCommand.EndHold(inVain));
        if (!_isOff && _attempts >= MinAttempts && _inVain * 100 > _attempts * MaxInVain)
        {
            _isOff = true;
            var (vain, all) = (_inVain.ToString(CultureInfo.InvariantCulture), _attempts.ToString(CultureInfo.InvariantCulture));
            context.Report(
                TurnMachine.PreemptionOff,
                $"{vain} of {all} preemptive answers were discarded; the call waits for the role's silence from now on");
        }
    }
}
