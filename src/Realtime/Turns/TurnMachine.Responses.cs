using System.Globalization;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// Responses: at most one in the conversation, ever; beside it at most one out-of-band (summary, recap).
public sealed partial class TurnMachine
{
    private const int MaxRateWaits = 5;
    private readonly List<ModelCommand.CreateItem> _outbox = [];
    private readonly List<string> _deletes = [];
    private ResponseFlight? _response;
    private ResponseFlight? _side;
    private WantedResponse _want;
    private int _responses;
    private int _failures;
    private int _wedges;

    // The current session is to be left as it is: no response is asked of it any more.
    private bool _abandoned;
    private bool _activeElsewhere;
    private int _rateWaits;
    private TimeSpan _rateReset;
    private bool _greeted;
    private int _toolSteps;
    private int _idlePrompts;
    private int _summaryTriedAt = -1;
    private string? _summaryUpTo;

    private void Want(WantedResponse response)
    {
        if (response > _want)
        {
            _want = response;
        }
    }

    private void TryCreate()
    {
        if (_current is null || !_pageConnected || _response is not null || _abandoned || _activeElsewhere || _userSpeaking
            || _interruption is not null || _timers.IsSet(TurnTimer.Settle) || _timers.IsSet(TurnTimer.Retry))
        {
            return;
        }

        if (!_greeted)
        {
            _greeted = true;
            if (_options.SpeaksFirst)
            {
                Want(WantedResponse.Greeting);
            }
        }

        if (_want == WantedResponse.None)
        {
            return;
        }

        var cause = _want;
        _want = WantedResponse.None;
        if (cause == WantedResponse.UserTurn)
        {
            _toolSteps = 0;
            _owed = false;
            _timers.Clear(TurnTimer.Owed);
        }

        var tag = "t" + (++_responses).ToString(CultureInfo.InvariantCulture);
        _response = new ResponseFlight(tag, cause);
        Touch();
        Send(new ModelCommand.CreateResponse(SettingsFor(cause, tag)) { Id = tag });
    }

    private ResponseSettings SettingsFor(WantedResponse cause, string tag)
    {
        var settings = new ResponseSettings { Tag = tag, AllowTools = _toolSteps < _options.MaxToolSteps };
        return cause switch
        {
            WantedResponse.Greeting when _options.GreetingInstructions is { } greeting => settings with { Instructions = Beside(greeting) },
            WantedResponse.Idle => settings with { Instructions = Beside(_options.IdleInstructions), AllowTools = false },
            WantedResponse.Progress => settings with { AllowTools = false },
            WantedResponse.Continuation => settings with
            {
                Instructions = Beside("A technical fault cut off your last sentence. Go on from exactly where it stopped, without repeating it and without mentioning the fault."),
            },
            _ => settings,
        };
    }

    // Instructions of a response replace the session's, so these are repeated.
    private string Beside(string extra) =>
        _options.Session.Instructions is { Length: > 0 } own ? own + "\n\n" + extra : extra;

    private void Touch() => _timers.Set(TurnTimer.Stall, _now + _options.ResponseTimeout);

    private void OnResponseCreated(string id, string? tag)
    {
        if (_side is { Id: null } && (tag == _side.Tag || (tag is null && _response is not { Id: null })))
        {
            _side.Id = id;
        }
        else if (_response is { Id: null } && (tag is null || tag == _response.Tag))
        {
            _response.Id = id;
            Touch();
            if (_response.Cancelled)
            {
                CancelResponse();
            }
        }
        else if (_response is null)
        {
            // The service began one by itself: it counts as the active one.
            _response = new ResponseFlight(tag ?? "", WantedResponse.None) { Id = id };
            Touch();
        }
    }

    private void OnResponseDone(ModelEvent.ResponseDone done)
    {
        var side = _side is not null && (_side.Id == done.ResponseId || (done.Tag is not null && done.Tag == _side.Tag));
        Use(done.Usage, side ? _sidePurpose : "turn");
        if (side)
        {
            OnSideDone(done);
            return;
        }

        _activeElsewhere = false;
        if (_response is not { } flight || (flight.Id is not null && flight.Id != done.ResponseId))
        {
            return;
        }

        _response = null;
        _timers.Clear(TurnTimer.Stall);
        foreach (var item in done.Output)
        {
            OnOutputDone(flight, item);
        }

        if (done.Status == "failed")
        {
            Report("response_failed", done.Reason ?? "unknown");
            OnResponseFailed(flight, done.Reason);
        }
        else
        {
            (_failures, _openFailures, _wedges, _rateWaits) = (0, 0, 0, 0);
            CloseSpeech(flight);
            if (flight is { Cause: WantedResponse.UserTurn, Cancelled: false })
            {
                _openTurn = null;
            }
        }

        if (done.Status == "incomplete")
        {
            Report("response_incomplete", done.Reason ?? "unknown");
        }

        if (flight.Cancelled)
        {
            DropUnheard(flight);
        }

        CloseRound(flight);
    }

    private void OnOutputDone(ResponseFlight flight, ModelItem item)
    {
        if (item is { Kind: ModelItemKind.FunctionCall, CallId: { } callId })
        {
            if (item.Status is null or "completed")
            {
                OnCall(flight, item.Id, callId, item.Name ?? "", item.Arguments ?? "{}");
            }
            else if (!_tools.ContainsKey(callId))
            {
                // A call that was cut off while it was written can't be answered: the model must not wait for it.
                _deletes.Add(item.Id);
            }
        }
        else if (item.Kind == ModelItemKind.AgentMessage && !flight.Messages.Contains(item.Id))
        {
            flight.Messages.Add(item.Id);
        }
    }

    private void OnRateLimits(ModelEvent.RateLimitsUpdated limits)
    {
        _rateReset = _now + TimeSpan.FromSeconds(Math.Clamp(limits.ResetSeconds, 0, 60));
        if (limits.RemainingRequests <= 0 || limits.RemainingTokens <= 0)
        {
            Report("rate_limit_reached", "nothing is left of the provider's limit for now");
        }
    }

    private void OnResponseFailed(ResponseFlight flight, string? reason)
    {
        if (reason == "rate_limit_exceeded" && ++_rateWaits <= MaxRateWaits)
        {
            // Not the session's fault: another one would be refused as well.
            var reset = _rateReset > _now + TimeSpan.FromSeconds(1) ? _rateReset : _now + TimeSpan.FromSeconds(1);
            _timers.Set(TurnTimer.Retry, reset);
        }
        else if (++_failures >= _options.FailuresBeforeRollover)
        {
            AbandonWedged();
        }
        else
        {
            _timers.Set(TurnTimer.Retry, _now + (TimeSpan.FromMilliseconds(200) * _failures));
        }

        AskAgain(flight);
    }

    // Every response fails: the session is beyond help, its context is not.
    private void AbandonWedged()
    {
        Report("session_wedged", _failures.ToString(CultureInfo.InvariantCulture) + " responses failed in a row");
        _failures = 0;
        if (++_wedges >= _options.OpenAttempts)
        {
            EndNow("model_failed");
            return;
        }

        _abandoned = true;
        _forceMove = true;
        OpenNext("wedged");
    }

    private void OnResponseStalled()
    {
        if (_response is not null && _current is { } link)
        {
            Report("response_stalled", "no event of the response for " + _options.ResponseTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture) + " s");
            Emit(new TurnCommand.CloseSession(link.Number));
            if (++_wedges >= _options.OpenAttempts)
            {
                EndNow("model_failed");
                return;
            }

            LoseCurrent("stalled");
        }
    }

    private void RecoverResponse()
    {
        _timers.Clear(TurnTimer.Stall);
        _timers.Clear(TurnTimer.Retry);
        _activeElsewhere = false;
        if (_response is not { } flight)
        {
            return;
        }

        _response = null;
        AskAgain(flight);
        if (flight.Cancelled)
        {
            DropUnheard(flight);
        }

        CloseRound(flight);
    }

    // A response that broke off: what was received of it is played to its end, and the rest is asked for.
    private void AskAgain(ResponseFlight flight)
    {
        if (flight.Cancelled)
        {
            return;
        }

        var after = BreakOff(flight);
        if (flight.Round.Runs.Count == 0)
        {
            Want(after);
        }
    }

    private void CancelResponse()
    {
        if (_response is not { } flight)
        {
            return;
        }

        flight.Cancelled = true;

        // Before response.created there is nothing to cancel; after the last item, response.done is already on its way.
        if (flight.Id is not null && !flight.CancelSent && (flight.OpenItems > 0 || !flight.AnyItem))
        {
            flight.CancelSent = true;
            Send(new ModelCommand.CancelResponse(flight.Id));
        }
    }

    private void OnError(ModelEvent.Error error)
    {
        Report("model_refused", $"{error.Code ?? error.Type}{(error.Param is null ? "" : " at " + error.Param)}");
        if (error.CommandId is not { } command)
        {
            return;
        }

        if (_side is { Id: null } side && side.Tag == command)
        {
            _side = null;
            if (_sidePurpose == "recap")
            {
                ShowRecap("");
            }
        }
        else if (_response is { Id: null } flight && flight.Tag == command)
        {
            _response = null;
            _timers.Clear(TurnTimer.Stall);
            if (error.Code == "conversation_already_has_active_response")
            {
                // One we do not know of: wait for its end, but not for ever.
                _activeElsewhere = true;
                _timers.Set(TurnTimer.Retry, _now + TimeSpan.FromSeconds(2));
                Want(flight.Cause);
            }
            else
            {
                OnResponseFailed(flight, error.Code);
            }

            CloseRound(flight);
        }
    }

    // Items wait for the end of a response, so that the log and the model agree on their order.
    private void Flush()
    {
        if (_response is not null || _current is not { } link)
        {
            return;
        }

        foreach (var id in _deletes)
        {
            if (link.Items.Remove(id))
            {
                Send(new ModelCommand.DeleteItem(id));
            }
        }

        _deletes.Clear();
        foreach (var create in _outbox)
        {
            link.Items.Add(create.Item.Id);
            LogItem(create.Item, create.PreviousItemId);
            Send(create);
        }

        _outbox.Clear();
    }

    private void LogItem(ModelItem item, string? previous)
    {
        if (Conversation.Find(item.Id) is null)
        {
            Log(new ConversationEntry.ItemAdded(LogTime, item, previous));
        }
    }

    private void RemoveItem(string id, string reason)
    {
        if (Conversation.Find(id) is not null)
        {
            Log(new ConversationEntry.ItemRemoved(LogTime, id, reason));
            Emit(new TurnCommand.WithdrawTranscript(id));
        }

        _deletes.Add(id);
    }

    private void Use(ModelUsage usage, string purpose)
    {
        if (usage != default)
        {
            Log(new ConversationEntry.UsageRecorded(LogTime, usage, purpose));
            Emit(new TurnCommand.RecordUsage(usage, purpose));
        }
    }
}
