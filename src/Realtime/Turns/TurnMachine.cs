using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Decides whose turn it is. Pure and deterministic: no clock, task, lock or randomness; the same inputs at the same
/// times give the same commands. One owner feeds it; it alone decides when <c>response.create</c>,
/// <c>response.cancel</c> and <c>conversation.item.truncate</c> are sent. docs/conversation.md tells the rules.
/// </summary>
public sealed partial class TurnMachine
{
    private readonly TurnTimers _timers = new();
    private TurnOptions _options;
    private TurnOptions? _newOptions;
    private List<TurnCommand> _out = [];
    private TimeSpan _now;
    private TimeSpan? _start;
    private bool _pageConnected;
    private bool _pageWasConnected;
    private int _ownItems;

    /// <summary>
    /// A machine at rest; feed it <see cref="TurnInput.CallStarted"/>. A conversation with items in it (a call resumed
    /// from storage) is replayed into the first session, and no greeting is spoken.
    /// </summary>
    public TurnMachine(TurnOptions options, ConversationLog conversation)
    {
        _options = options;
        Conversation = conversation;
        _ownItems = conversation.Entries.Count;
        _greeted = conversation.Items.Count > 0;
    }

    /// <summary>The call's log.</summary>
    public ConversationLog Conversation { get; }

    /// <summary>What the page shows.</summary>
    public CallState State { get; private set; } = CallState.Connecting;

    /// <summary>When <see cref="Advance"/> wants to be called next; null: not before another input. Read it after each call.</summary>
    public TimeSpan? NextDeadline => _timers.Next;

    /// <summary>Takes one input; appends the commands to <paramref name="output"/> (which it does not clear).</summary>
    public void Handle(TimeSpan now, TurnInput input, List<TurnCommand> output)
    {
        if (State == CallState.Ended)
        {
            return;
        }

        _now = now;
        _start ??= now;
        _out = output;
        switch (input)
        {
            case TurnInput.ModelEventReceived(var session, var what):
                OnModelEvent(session, what);
                break;
            case TurnInput.PlayoutReported(var track, var milliseconds, var source, var silenced):
                OnPlayoutReported(track, milliseconds, source, silenced);
                break;
            case TurnInput.PlayoutCleared(var track, var milliseconds):
                OnPlayoutCleared(track, milliseconds);
                break;
            case TurnInput.PlayoutFinished(var track):
                OnPlayoutFinished(track);
                break;
            case TurnInput.SessionOpened(var session, var lifetime):
                OnSessionOpened(session, lifetime);
                break;
            case TurnInput.SessionLost(var session, var reason):
                OnSessionLost(session, reason);
                break;
            case TurnInput.ToolCompleted(var callId, var result, var failed):
                OnToolCompleted(callId, result, failed);
                break;
            case TurnInput.ToolProgress(var callId, var message):
                OnToolProgress(callId, message);
                break;
            case TurnInput.CallStarted:
                OpenNext("start");
                break;
            default:
                OnPage(input);
                break;
        }

        Pump();
    }

    /// <summary>Fires the timers that are due. Harmless when called early.</summary>
    public void Advance(TimeSpan now, List<TurnCommand> output)
    {
        _out = output;
        while (State != CallState.Ended && _timers.TryTakeDue(now, out var timer))
        {
            _now = now;
            OnTimer(timer);
            Pump();
        }
    }

    private TimeSpan LogTime => _now - (_start ?? _now);

    private void OnTimer(TurnTimer timer)
    {
        switch (timer)
        {
            case TurnTimer.Verdict:
                OnVerdictDue();
                break;
            case TurnTimer.Commit:
                _userSpeaking = false;
                break;
            case TurnTimer.Settle:
                FixHeard();
                break;
            case TurnTimer.Idle:
                _idlePrompts++;
                Want(WantedResponse.Idle);
                break;
            case TurnTimer.Rollover:
                OpenNext("expiry");
                break;
            case TurnTimer.Force:
                _forceMove = true;
                break;
            case TurnTimer.OpenRetry:
                OpenNext("retry");
                break;
            case TurnTimer.Stall:
                OnResponseStalled();
                break;
            case TurnTimer.Retry:
                _activeElsewhere = false;
                break;
            case TurnTimer.Playout:
                OnPlayoutOverdue();
                break;
            case TurnTimer.Recap:
                EndNow();
                break;
            case TurnTimer.Owed:
                AnswerOwed();
                break;
            case TurnTimer.Retire:
                Retire();
                break;
        }
    }

    // What the last input made possible, in the order that keeps the model's view equal to the log: move sessions, bring
    // the conversation up to date, and only then ask for a response.
    private void Pump()
    {
        if (State == CallState.Ended)
        {
            return;
        }

        if (_ending)
        {
            ContinueEnding();
            return;
        }

        TryMove();
        TryChangeRole();
        Flush();
        TrySummarise();
        TryCreate();
        UpdateIdle();
        UpdateState();
    }

    private void UpdateState()
    {
        var audible = IsAudible;
        var state = (_pageConnected, _current) switch
        {
            (false, _) => _pageWasConnected ? CallState.Reconnecting : CallState.Connecting,
            (_, null) when audible => CallState.Speaking,
            (_, null) => _adoptions == 0 ? CallState.Connecting : CallState.Reconnecting,
            _ when audible => CallState.Speaking,
            _ when _userSpeaking && !_timers.IsSet(TurnTimer.Commit) => CallState.Listening,
            _ when _response is { Cancelled: false } || _want != WantedResponse.None || _interruption is not null || ToolsRunning || _timers.IsSet(TurnTimer.Owed) => CallState.Thinking,
            _ => CallState.Listening,
        };
        Show(state);
    }

    private void Show(CallState state)
    {
        if (state != State)
        {
            State = state;
            Emit(new TurnCommand.ShowState(state));
        }
    }

    private void UpdateIdle()
    {
        var quiet = _options.IdleTimeout is not null && _idlePrompts < _options.IdlePrompts && _pageConnected && _current is not null
            && !_userSpeaking && !_muted && _response is null && _want == WantedResponse.None && _interruption is null
            && _spoken.Count == 0 && !ToolsRunning && _adoptions > 0;
        if (!quiet)
        {
            _timers.Clear(TurnTimer.Idle);
        }
        else if (!_timers.IsSet(TurnTimer.Idle))
        {
            _timers.Set(TurnTimer.Idle, _now + _options.IdleTimeout!.Value);
        }
    }

    private void Emit(TurnCommand command) => _out.Add(command);

    private void Send(ModelCommand command)
    {
        if (_current is { } link)
        {
            Emit(new TurnCommand.SendToModel(link.Number, command));
        }
    }

    private void Log(ConversationEntry entry) => Conversation.Append(entry);

    private void Report(string code, string message) => Emit(new TurnCommand.ReportProblem(code, message));

    // Ids of items we make: unique in the call, at most 32 characters, told apart from the service's own.
    private string NewItemId(string kind) => $"br_{kind}{++_ownItems}";
}
