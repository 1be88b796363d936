using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Decides whose turn it is. Pure and deterministic: no clock, task, lock or randomness; the same inputs at the same
/// times give the same commands. One owner feeds it; it alone decides when <c>response.create</c>,
/// <c>response.cancel</c> and <c>conversation.item.truncate</c> are sent. It hands each input to the part or the rule that
/// it concerns, and then does what has become possible. docs/conversation.md has the rules.
/// </summary>
public sealed class TurnMachine : ICallMachine
{
    /// <summary>Code of the problem that the model called functions in more rounds than a turn may take.</summary>
    public const string ToolStepsExceeded = "tool_steps_exceeded";

    /// <summary>Code of the problem that too many preemptive answers were discarded: the call asks for none any more.</summary>
    public const string PreemptionOff = "preemption_off";

    private readonly TurnParts _parts;
    private readonly InterruptionRules _interruptions;
    private readonly EndingRules _ending;
    private readonly BudgetRules _budget;
    private readonly ResponseRules _responses;
    private readonly ServerAnswerRules _answers;
    private readonly HeldAnswerRules _held;
    private readonly SessionRules _sessions;
    private readonly PageRules _page;
    private readonly SilenceWatch _silence;
    private readonly SpeakerPatience _patience;
    private readonly Resumption _resumption;
    private readonly HostChange _host;

    /// <summary>
    /// A machine at rest; feed it <see cref="TurnInput.CallStarted"/>. A conversation with items in it (a call resumed
    /// from storage) is replayed into the first session, and no greeting is spoken. Once its page is there, functions without an
    /// output run again, and a turn of the person that has no answer is answered.
    /// </summary>
    /// <param name="options">How turns are taken.</param>
    /// <param name="conversation">The log so far.</param>
    /// <param name="callTime">Time since the call's start: entries of the log go on from it.</param>
    public TurnMachine(TurnOptions options, ConversationLog conversation, TimeSpan callTime = default)
    {
        _parts = new TurnParts(options, conversation, callTime);
        _resumption = new Resumption(_parts, isDue: conversation.Items.Count > 0);
        _interruptions = new InterruptionRules(_parts);
        _ending = new EndingRules(_parts, _interruptions);
        _host = new HostChange(_parts, _interruptions, _resumption);
        _budget = new BudgetRules(_parts, _ending, _interruptions);
        _responses = new ResponseRules(_parts, _ending, _budget);
        _held = new HeldAnswerRules(_parts, _responses, _interruptions);
        _answers = new ServerAnswerRules(_parts);
        _sessions = new SessionRules(_parts, _interruptions, _responses, _ending);
        _silence = new SilenceWatch(_parts.Context);
        _patience = new SpeakerPatience(_parts.Context);
        _page = new PageRules(_parts, _interruptions, _silence);
    }

    /// <summary>The call's log.</summary>
    public ConversationLog Conversation => _parts.Conversation.Log;

    /// <summary>The state that the page shows.</summary>
    public CallState State => _parts.Context.State;

    /// <summary>Why the response that is wanted is not requested; None when none is wanted. Read it after each call.</summary>
    public ResponseBlockers Blockers => _parts.Responses.Wanted == WantedResponse.None ? ResponseBlockers.None : AllBlockers;

    /// <summary>The person speaks, or has said something that is not answered yet.</summary>
    public bool HasUserTurn => _parts.User.IsSpeaking || _parts.User.IsVerdictPending || _parts.User.IsAnswerOwed || _parts.Responses.AnswersUser;

    /// <summary>When <see cref="Advance"/> wants to be called next; null: not before another input. Read it after each call.</summary>
    public TimeSpan? NextDeadline => _parts.Context.Timers.Next;

    private ResponseBlockers AllBlockers =>
        (_parts.User.IsVoiceIgnored ? _parts.Blockers & ~ResponseBlockers.UserSpeaking : _parts.Blockers)
        | _budget.Blockers
        | _parts.Held.BlockersOf(_parts.Responses.Wanted)
        | (_page.IsConnected ? ResponseBlockers.None : ResponseBlockers.PageAway)
        | (_ending.IsEnding ? ResponseBlockers.CallEnding : ResponseBlockers.None);

    /// <summary>Takes one input; appends the commands to <paramref name="output"/> (which it does not clear).</summary>
    public void Handle(TimeSpan now, TurnInput input, List<TurnCommand> output)
    {
        if (State == CallState.Ended)
        {
            return;
        }

        _parts.Context.Begin(now, output);
        if (input is TurnInput.CallLeaves)
        {
            _host.Leave();
            return;
        }

        if (input is TurnInput.ModelEventReceived(var session, var what))
        {
            OnModelEvent(session, what);
        }
        else if (!_budget.TryHandle(input))
        {
            OnInput(input);
        }

        Pump();
    }

    /// <summary>Fires the timers that are due. Harmless when called early.</summary>
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
            case TurnInput.SessionOpened opened:
                _parts.Sessions.OnOpened(opened);
                break;
            case TurnInput.SessionLost lost:
                _sessions.OnLost(lost);
                break;
            case TurnInput.CallContinued continued:
                _host.GoOn(continued);
                break;
            case TurnInput.CallStarted:
                _parts.Sessions.OpenNext("start");
                break;
            case TurnInput.ToolCompleted completed:
                Want(_parts.Calls.OnCompleted(completed, _parts.Responses.ToolSteps));
                break;
            case TurnInput.ToolProgress(var callId, var message):
                Want(_parts.Calls.OnProgress(callId, message, _parts.IsQuiet));
                break;
            case TurnInput.PageToolCancelled(var callId):
                Want(_parts.Calls.OnCancelledByPerson(callId, _parts.Responses.ToolSteps));
                break;
            case TurnInput.AnswerBlocked(var session, var response, var line):
                _interruptions.Block(session, response, line);
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
            default:
                _page.OnInput(input);
                _resumption.Continue(_page.IsConnected);
                break;
        }
    }

    private void OnTimer(TurnTimer timer)
    {
        switch (timer)
        {
            case TurnTimer.Verdict:
                _interruptions.Carry(_parts.User.OnVerdictDue());
                break;
            case TurnTimer.Commit:
                _parts.User.OnCommitMissing();
                break;
            case TurnTimer.Settle:
                _parts.Playback.FixHeard();
                break;
            case TurnTimer.Idle:
                Want(_silence.OnDue());
                break;
            case TurnTimer.Rollover:
                _parts.Sessions.OpenNext("expiry");
                break;
            case TurnTimer.Force:
                _parts.Sessions.OnForceDue();
                break;
            case TurnTimer.OpenRetry:
                _parts.Sessions.OpenNext("retry");
                break;
            case TurnTimer.Stall:
                _sessions.OnStalled();
                break;
            case TurnTimer.Retry:
                _parts.Responses.OnRetryDue();
                break;
            case TurnTimer.Playout:
                _parts.Playback.OnOverdue();
                break;
            case TurnTimer.Recap:
                _ending.End();
                break;
            case TurnTimer.Confirm:
                _sessions.OnUnconfirmed();
                break;
            case TurnTimer.Retire:
                _parts.Sessions.Retire();
                break;
            case TurnTimer.Owed:
                Want(_parts.User.OnOwedDue());
                break;
            case TurnTimer.NeverQuiet:
                _patience.OnDue();
                _parts.User.IgnoreVoice();
                break;
            case TurnTimer.Digits:
                _page.OnDigitsDue();
                break;
            case TurnTimer.Hold:
                _held.OnDue();
                break;
            case TurnTimer.Goodbye:
                _budget.OnDue();
                break;
        }
    }

    private void OnModelEvent(int session, ModelEvent what)
    {
        if (what is ModelEvent.SessionUpdated)
        {
            _sessions.OnUpdated(session);
        }
        else if (what is ModelEvent.Error refusal && _sessions.TryRefused(session, refusal))
        {
            return;
        }
        else if (what is ModelEvent.InputTranscriptDelta or ModelEvent.InputTranscriptCompleted or ModelEvent.InputTranscriptFailed)
        {
            // A predecessor may still owe transcripts.
            if (_parts.Sessions.IsCurrent(session) || _parts.Sessions.IsRetired(session))
            {
                _interruptions.Carry(_parts.User.OnTranscript(what));
                _answers.OnTranscript(what);
            }
        }
        else if (_parts.Sessions.IsCurrent(session))
        {
            OnCurrentSession(_parts.Context.Session!, what);
        }
        else if (what is ModelEvent.Error error && _parts.Sessions.IsNext(session))
        {
            _responses.ReportRefused(error);
        }
    }

    private void OnCurrentSession(ModelLink session, ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.SpeechStarted speech:
                _silence.Reset();
                _held.OnSpeechStarted(speech);
                break;
            case ModelEvent.SpeechStopped(var item, var at):
                _parts.Held.OnSpeechStopped();
                _interruptions.Carry(_parts.User.OnSpeechStopped(item, at));
                break;
            case ModelEvent.InputCommitted(var item, var previous):
                session.Tell(item, previous);
                _answers.OnCommitted(item);
                _interruptions.Carry(_parts.User.OnCommitted(item));
                break;
            case ModelEvent.ResponseCreated(_, null) when session.Answers.IsExpected && _parts.User.IsVerdictPending:
                // The server takes the sound for words, and answers them.
                _interruptions.Carry(SpeechDecision.Interrupt);
                _held.OnEvent(what);
                break;
            case ModelEvent.ItemAdded(var previous, var item):
                OnItemAdded(session, item, previous);
                break;
            case ModelEvent.ItemDeleted(var item):
                session.Items.Remove(item);
                break;
            case ModelEvent.RateLimitsUpdated limits:
                _parts.Responses.Failures.OnRateLimits(limits);
                break;
            case ModelEvent.Malformed(var why):
                _parts.Context.Report("model_malformed", why);
                break;
            default:
                _held.OnEvent(what);
                break;
        }
    }

    // Calls are logged when their arguments are known, user audio with its commit, our own items when we make them.
    private void OnItemAdded(ModelLink session, ModelItem item, string? previous)
    {
        if (item.Kind is ModelItemKind.AgentMessage or ModelItemKind.FunctionCall && !session.Knows(item.Id))
        {
            session.Strays.Add(item.Id);
        }

        session.Unread.Remove(item.Id);
        session.Tell(item.Id, previous);
        if (item.Kind == ModelItemKind.AgentMessage && _parts.Responses.SaysMessage(item.Id))
        {
            _parts.Conversation.AddAgentItem(item.Id, isAudio: !_parts.Context.Options.Session.TextOnly);
        }
    }

    // Does what the last input made possible, in the order that keeps the model's view equal to the log: move sessions,
    // bring the conversation up to date, and only then ask for a response.
    private void Pump()
    {
        if (State == CallState.Ended)
        {
            return;
        }

        _held.Continue();
        if (_ending.IsEnding)
        {
            _ending.Continue();
            return;
        }

        _sessions.TryMove();
        if (_parts.Responses.IsIdle)
        {
            _parts.Conversation.Flush();
        }

        if (_parts.IsBetweenTurns && _parts.Responses.Wanted == WantedResponse.None)
        {
            _parts.OutOfBand.TrySummarise();
        }

        _parts.OutOfBand.Continue();
        _budget.Continue();
        if (AllBlockers != ResponseBlockers.None)
        {
            _parts.Responses.Money.GiveBack();
        }
        else if (_budget.Request() == WantedResponse.UserTurn)
        {
            _held.OnRequested(WantedResponse.UserTurn);
            _parts.User.ForgetOwed();
            _parts.Context.Emit(new TurnCommand.AnswerTurn());
        }

        _patience.Watch(AllBlockers == ResponseBlockers.UserSpeaking ? _parts.Responses.Wanted : WantedResponse.None);
        _silence.Watch(_page.IsConnected && _parts.IsBetweenTurns && _parts.Responses.Wanted == WantedResponse.None
            && !_parts.User.IsMuted && _parts.Playback.IsEmpty && !_parts.Calls.AreRunning);
        _parts.Context.Show(ShownState.Of(_parts, _page));
    }

    private void Want(WantedResponse response) => _parts.Responses.Want(response);
}
