using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// The person at the page: typing, images, mute, talk key, stop, hang-up.
public sealed partial class TurnMachine
{
    private static readonly TimeSpan ShortestPress = TimeSpan.FromMilliseconds(250);
    private bool _muted;
    private bool _talkKeyDown;
    private bool _heldForPage;
    private bool _ending;
    private bool _recapWanted;
    private string _endReason = "";

    private UplinkMode Uplink => (_talkKeyDown, _options.Session.TurnDetection.Mode) switch
    {
        (true, _) => UplinkMode.Live,
        (false, TurnDetectionMode.Manual) => UplinkMode.Closed,
        _ => _muted ? UplinkMode.Silence : UplinkMode.Live,
    };

    private void OnPage(TurnInput input)
    {
        switch (input)
        {
            case TurnInput.PageConnectionChanged(var connected):
                OnPageConnection(connected);
                break;
            case TurnInput.PageText(var text):
                OnPageText(text);
                break;
            case TurnInput.PageImage(var image, var prompt):
                OnPageImage(image, prompt);
                break;
            case TurnInput.PageInterrupt:
                InterruptNow();
                break;
            case TurnInput.PageMute(var muted):
                _muted = muted;
                Emit(new TurnCommand.SetUplink(Uplink));
                break;
            case TurnInput.PushToTalk(var down):
                OnTalkKey(down);
                break;
            case TurnInput.PageSpeech(var active):
                OnPageSpeech(active);
                break;
            case TurnInput.PageToolCancelled(var callId):
                OnToolCancelled(callId);
                break;
            case TurnInput.RoleChanged(var options):
                _newOptions = options;
                break;
            case TurnInput.RecapRequested:
                if (_side is null && _current is not null && _options.RecapInstructions is { } recap)
                {
                    StartSide("recap", new ResponseSettings { Instructions = recap });
                }
                else
                {
                    Emit(new TurnCommand.ShowRecap(""));
                }

                break;
            case TurnInput.HangUpRequested(var reason):
                HangUp(reason);
                break;
        }
    }

    // A page that went away hears nothing: what it had not played by its last report waits for it, and so does what is
    // only now being generated.
    private void OnPageConnection(bool connected)
    {
        _pageConnected = connected;
        _pageWasConnected |= connected;
        if (!connected)
        {
            if (IsAudible)
            {
                ClearPlayout();
            }

            RecallUnheard();
            _heldForPage = true;
        }
        else if (_heldForPage)
        {
            _heldForPage = false;
            if (_interruption is not { Cleared: true } && !_timers.IsSet(TurnTimer.Settle))
            {
                ResumePlayout(afterAbsence: true);
            }
        }
    }

    private void OnPageText(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        _idlePrompts = 0;
        InterruptNow();
        Say(new ModelItem(NewItemId("u"), ModelItemKind.UserMessage) { Text = text });
        Want(WantedResponse.UserTurn);
    }

    private void OnPageImage(string dataUrl, string? prompt)
    {
        _idlePrompts = 0;
        if (!string.IsNullOrEmpty(prompt))
        {
            InterruptNow();
            Want(WantedResponse.UserTurn);
        }

        Say(new ModelItem(NewItemId("u"), ModelItemKind.UserMessage) { Text = prompt ?? "", ImageUrl = dataUrl });
    }

    // Shown and waiting at once; it enters the log with the model's conversation, when no response is in its way.
    private void Say(ModelItem item)
    {
        _outbox.Add(new ModelCommand.CreateItem(item));
        var last = Conversation.Items.Count > 0 ? Conversation.Items[^1].Id : null;
        if (item.Text.Length > 0)
        {
            Emit(new TurnCommand.ShowTranscript(new TranscriptLine(item.Id, last, Speaker.User, item.Text, true, false, item.Text.Length)));
        }
    }

    private void OnTalkKey(bool down)
    {
        if (down == _talkKeyDown)
        {
            return;
        }

        _talkKeyDown = down;
        if (down)
        {
            _idlePrompts = 0;
            InterruptNow();
        }

        if (_options.Session.TurnDetection.Mode != TurnDetectionMode.Manual)
        {
            Emit(new TurnCommand.SetUplink(Uplink));
            return;
        }

        if (down)
        {
            // Words that still wait for a session are not cut from these: both are one turn.
            _userSpeaking = true;
            _speechFrom = _commitAfterReplay && _replayFrom is { } since ? since : _now;
            _commitAfterReplay = false;
            Send(new ModelCommand.ClearInput());
            Emit(new TurnCommand.SetUplink(UplinkMode.Live));
            return;
        }

        _userSpeaking = false;
        Emit(new TurnCommand.SetUplink(UplinkMode.Closed));
        if (_now - _speechFrom < ShortestPress)
        {
            // Too short to be a word; the service refuses to commit less than 100 ms.
            Send(new ModelCommand.ClearInput());
            _replayFrom = null;
        }
        else if (_current is null)
        {
            _replayFrom = Earlier(_replayFrom, _speechFrom);
            _commitAfterReplay = true;
        }
        else
        {
            Commit(_speechFrom);
        }
    }

    private void Commit(TimeSpan from)
    {
        _commits.Enqueue(from);
        Send(new ModelCommand.CommitInput());
    }

    private void OnPageSpeech(bool active)
    {
        if (active && _interruption is null && !_userSpeaking && IsBusy && !_muted
            && (IsAudible ? _options.InterruptSpeaking : _options.InterruptThinking) == InterruptionSensitivity.High)
        {
            Suspect(null, InterruptionSensitivity.High);
        }
    }

    private void HangUp(string reason)
    {
        if (_ending)
        {
            return;
        }

        (_ending, _endReason, _want) = (true, reason, WantedResponse.None);
        if (_interruption is not null || IsBusy || _spoken.Count > 0)
        {
            _interruption ??= new Interruption(_now, null);
            ConfirmInterruption();
            FixHeard();
        }

        foreach (var run in _tools.Values)
        {
            if (run.Output is null)
            {
                CancelRun(run, EndedOutput);
            }
        }

        _timers.ClearAll();
        _recapWanted = _options.RecapInstructions is not null && Conversation.Items.Count > 0;
        if (_recapWanted)
        {
            _timers.Set(TurnTimer.Recap, _now + _options.RecapTimeout);
        }
    }

    private void ContinueEnding()
    {
        if (!_recapWanted || _current is null)
        {
            EndNow();
            return;
        }

        AnswerRounds();
        Flush();
        if (_side is null && _response is null)
        {
            StartSide("recap", new ResponseSettings { Instructions = _options.RecapInstructions });
        }
    }

    private void ShowRecap(string markdown)
    {
        Emit(new TurnCommand.ShowRecap(markdown));
        if (_ending)
        {
            EndNow();
        }
    }

    private void EndNow() => EndNow(_endReason);

    private void EndNow(string reason)
    {
        _timers.ClearAll();
        (_ending, _want) = (true, WantedResponse.None);
        foreach (var run in _tools.Values)
        {
            if (run.Output is null)
            {
                CancelRun(run, EndedOutput);
            }

            if (!run.Answered)
            {
                run.Answered = true;
                _outbox.Add(new ModelCommand.CreateItem(new ModelItem(NewItemId("o"), ModelItemKind.FunctionOutput) { CallId = run.CallId, Output = run.Output }));
            }
        }

        // What was on its way to the model still belongs into the log.
        foreach (var create in _outbox)
        {
            LogItem(create.Item, create.PreviousItemId);
        }

        _outbox.Clear();
        foreach (var item in _spoken.ToArray())
        {
            item.Cleared = true;
            item.ClearedSince = _now;
        }

        if (_spoken.Count > 0)
        {
            Emit(new TurnCommand.ClearPlayout());
            _response = null;
            FixHeard();
        }

        foreach (var link in new[] { _retired, _next, _current })
        {
            if (link is not null)
            {
                Emit(new TurnCommand.CloseSession(link.Number));
            }
        }

        (_retired, _next, _current) = (null, null, null);
        Show(CallState.Ended);
        Emit(new TurnCommand.EndCall(reason));
    }
}
