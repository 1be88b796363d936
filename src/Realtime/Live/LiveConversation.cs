using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// Leads a call with a full-duplex model, which listens and speaks at once and takes its own turns. This machine derives from its
/// stream what the page shows, plays what is to be heard and no more, tells the model what was heard, and hands its work on.
/// docs/conversation.md says how. Pure: time is an argument. One owner; not thread-safe.
/// </summary>
public sealed class LiveConversation : ICallMachine
{
    private const string Greet = "Greet the person now, in your own words and as your instructions say.";
    private const string StillThere = "The person has been silent for a while. Ask briefly whether they are still there.";
    private const string GoOn = "The person is back after a fault on our side. Answer what they said last.";
    private readonly LiveParts _parts;
    private readonly LiveEnding _ending;
    private readonly LivePage _page;
    private readonly SilenceWatch _silence;
    private readonly LiveSessionRules _sessions;
    private bool _greets;
    private bool _resumes;

    /// <summary>
    /// Handles one call. <paramref name="conversation"/> is empty for a new call; a filled one (a call resumed from storage) is told to
    /// the first session, and no greeting is spoken.
    /// </summary>
    /// <param name="options">From the role; its session has a delegation.</param>
    /// <param name="conversation">The log so far.</param>
    /// <param name="callTime">Time since the call's start: entries of the log go on from it.</param>
    public LiveConversation(TurnOptions options, ConversationLog conversation, TimeSpan callTime = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(conversation);
        _parts = new LiveParts(options, conversation, callTime);
        _ending = new LiveEnding(_parts);
        _silence = new SilenceWatch(_parts.Context);
        _page = new LivePage(_parts, _silence);
        _sessions = new LiveSessionRules(_parts, _ending, _page);
        _resumes = conversation.Items.Count > 0;
        _greets = options.SpeaksFirst && !_resumes;
    }

    /// <inheritdoc/>
    public ConversationLog Conversation => _parts.Conversation.Log;

    /// <inheritdoc/>
    public CallState State => _parts.Context.State;

    /// <summary>None: the model asks nobody when it speaks.</summary>
    public ResponseBlockers Blockers => ResponseBlockers.None;

    /// <inheritdoc/>
    public bool HasUserTurn => _parts.Person.IsSpeaking || _parts.Work.IsActive;

    /// <inheritdoc/>
    public TimeSpan? NextDeadline => _parts.Context.Timers.Next;

    /// <inheritdoc/>
    public void Handle(TimeSpan now, TurnInput input, List<TurnCommand> output)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (State == CallState.Ended)
        {
            return;
        }

        _parts.Context.Begin(now, output);
        if (input is TurnInput.ModelEventReceived(var session, var what))
        {
            OnModelEvent(session, what);
        }
        else
        {
            OnInput(input);
        }

        Pump();
    }

    /// <inheritdoc/>
    public void Advance(TimeSpan now, List<TurnCommand> output)
    {
        while (State != CallState.Ended && _parts.Context.Timers.TryTakeDue(now, out var timer))
        {
            _parts.Context.Begin(now, output);
            OnTimer(timer);
            Pump();
        }
    }

    private void OnInput(TurnInput input)
    {
        switch (input)
        {
            case TurnInput.PlayoutReported report:
                _parts.Playback.OnReported(report);
                break;
            case TurnInput.PlayoutCleared(var track, var milliseconds):
                _parts.Playback.OnCleared(track, milliseconds);
                break;
            case TurnInput.PlayoutFinished(var track):
                _parts.Playback.OnFinished(track);
                break;
            case TurnInput.CallStarted:
                _parts.Sessions.Open("start");
                break;
            case TurnInput.SessionOpened opened:
                _parts.Sessions.OnOpened(opened);
                break;
            case TurnInput.SessionLost lost:
                _sessions.OnLost(lost.Session, lost.Reason, lost.IsFinal);
                break;
            case TurnInput.ToolCompleted or TurnInput.PageToolCancelled or TurnInput.ToolProgress:
                if (!_ending.IsEnding)
                {
                    _parts.Work.OnTool(input);
                }

                break;
            case TurnInput.RoleChanged(var options):
                _sessions.ChangeRole(options);
                break;
            case TurnInput.OutcomeChecked(var errors):
                _parts.LastWritings.OnChecked(errors);
                break;
            case TurnInput.HangUpRequested(var reason):
                _ending.HangUp(reason);
                break;
            case TurnInput.BudgetWarned(var what):
                _ending.OnWarned(what);
                break;
            case TurnInput.BudgetSpent(var reason):
                _ending.OnSpent(reason);
                break;
            case TurnInput.BudgetGranted(var tag, var tokens):
                if (!_parts.OutOfBand.Money.TryGrant(tag, tokens))
                {
                    _parts.Context.Emit(new TurnCommand.SettleBudget(tag, default(ModelUsage)));
                }

                break;
            case TurnInput.BudgetRefused(var tag, _) when _parts.OutOfBand.Money.TryRefuse(tag):
                _parts.LastWritings.Take(_parts.OutOfBand.Drop());
                break;
            default:
                if (!_ending.IsEnding)
                {
                    _page.OnInput(input);
                }

                break;
        }
    }

    private void OnTimer(TurnTimer timer)
    {
        switch (timer)
        {
            case TurnTimer.Settle:
                _parts.Playback.FixHeard();
                break;
            case TurnTimer.Playout:
                _parts.Playback.OnOverdue();
                break;
            case TurnTimer.Voice:
                _parts.Person.OnDue();
                break;
            case TurnTimer.Work:
                _parts.Work.OnDue();
                break;
            case TurnTimer.Commit:
                _parts.LogWords();
                _parts.Work.AskDue();
                break;
            case TurnTimer.Digits:
                _page.OnDigitsDue();
                break;
            case TurnTimer.Idle:
                _silence.OnDue();
                _parts.Appends.Instruct(StillThere);
                break;
            case TurnTimer.Rollover:
                _parts.Sessions.Open("expiry");
                break;
            case TurnTimer.Force:
                _parts.Sessions.OnForceDue();
                break;
            case TurnTimer.OpenRetry:
                _parts.Sessions.Open("retry");
                break;
            case TurnTimer.Confirm:
                _sessions.OnUnconfirmed();
                break;
            case TurnTimer.Recap:
                _ending.End();
                break;
            case TurnTimer.Goodbye:
                _ending.OnGoodbyeDue();
                break;
        }
    }

    private void OnModelEvent(int session, ModelEvent what)
    {
        if (what is LiveEvent.SessionStarted(_, var lifetime))
        {
            _sessions.OnStarted(session, lifetime);
        }
        else if (_parts.Sessions.IsCurrent(session))
        {
            OnCurrentSession(session, what);
        }
        else if (_parts.Sessions.IsNext(session))
        {
            _sessions.OnSuccessor(session, what);
        }
    }

    private void OnCurrentSession(int session, ModelEvent what)
    {
        // Of a call that is ending nothing more is heard, said or done.
        if (_ending.IsEnding && what is (ModelEvent.AudioDelta or LiveEvent.OutputSpoken or LiveEvent.InputHeard or LiveEvent.Delegated
            or ModelEvent.FunctionArgumentsDone or LiveEvent.WorkProgressed))
        {
            return;
        }

        switch (what)
        {
            case ModelEvent.AudioDelta delta:
                var spoken = _parts.Agent.Count;
                _parts.Heard.OnCut(_parts.Agent.OnAudio(delta, _parts.Person.IsSpeaking));
                if (_parts.Agent.Count > spoken)
                {
                    _parts.Appends.OnSpoken();
                }

                break;
            case LiveEvent.OutputSpoken words:
                _parts.Agent.OnWords(words);
                break;
            case LiveEvent.InputHeard words:
                _silence.Reset();
                _parts.Person.OnWords(words, _parts.Agent.Count);
                break;
            case LiveEvent.Appended(var kind, _, _):
                _parts.Appends.OnAppended(kind);
                break;
            case LiveEvent.Delegated delegated:
                _parts.LogWords();
                _parts.Work.OnDelegated(delegated);
                break;
            case ModelEvent.FunctionArgumentsDone call:
                _parts.Work.OnCall(call);
                break;
            case LiveEvent.WorkProgressed(var tag, var text):
                _parts.Work.OnProgress(tag, text);
                break;
            case ModelEvent.ResponseCreated(var id, { } tag):
                _parts.OutOfBand.TryCreated(id, tag, otherAwaited: true);
                break;
            case ModelEvent.ResponseDone done:
                if (_parts.OutOfBand.TryDone(done, out var answer))
                {
                    _parts.LastWritings.Take(answer);
                }
                else if (!_ending.IsEnding)
                {
                    _parts.Work.OnDone(done);
                }

                break;
            case LiveEvent.UsageUpdated(var seconds, _):
                _parts.Meter.OnUsage(seconds);
                break;
            case LiveEvent.SessionClosed(var reason, var seconds):
                _parts.Meter.End(seconds);
                _parts.Context.Emit(new TurnCommand.CloseSession(session));
                _sessions.OnLost(session, reason, isFinal: false);
                break;
            case ModelEvent.Error error when !_ending.TryEndRefused(error.Code):
                _parts.Context.Report("model_error", error.Code ?? error.Type);
                break;
            case ModelEvent.Malformed(var why):
                _parts.Context.Report("model_malformed", why);
                break;
        }
    }

    private void Pump()
    {
        if (State == CallState.Ended)
        {
            return;
        }

        if (_ending.IsEnding)
        {
            _ending.Continue();
            return;
        }

        _sessions.Continue();
        if (_parts.Context.Session is not null)
        {
            Lead();
        }

        _ending.Continue();
        if (State != CallState.Ended)
        {
            _parts.Context.Show(Shown());
        }
    }

    // With a session: what is due is sent to it.
    private void Lead()
    {
        _parts.Work.Continue();
        _parts.OutOfBand.Continue();
        if (_page.IsConnected)
        {
            _parts.Heard.Continue();
            Begin();
        }

        if (_parts.IsQuiet)
        {
            _parts.OutOfBand.TrySummarise();
        }

        _silence.Watch(_page.IsConnected && _parts.IsQuiet && !_parts.Person.IsMuted && !_ending.IsSpent);
    }

    private void Begin()
    {
        if (_greets)
        {
            _greets = false;
            if (_parts.Context.Options.GreetingWords is { Length: > 0 } words)
            {
                _parts.Appends.Say(words, untilSpoken: true);
            }
            else
            {
                _parts.Appends.Instruct(Greet, untilSpoken: true);
            }
        }

        if (_resumes)
        {
            _resumes = false;
            _parts.Work.Resume();
            if (_parts.Conversation.IsAnswerDue)
            {
                _parts.Appends.Instruct(GoOn);
            }
        }
    }

    private CallState Shown() =>
        !_page.IsConnected ? (_page.WasConnected ? CallState.Reconnecting : CallState.Connecting)
        : _parts.Playback.IsAudible ? (_parts.Person.IsSpeaking ? CallState.Both : CallState.Speaking)
        : _parts.Context.Session is null ? (_parts.Sessions.WasAdopted ? CallState.Reconnecting : CallState.Connecting)
        : _parts.Work.IsActive && !_parts.Person.IsSpeaking ? CallState.Working : CallState.Listening;
}
