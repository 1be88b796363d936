using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// Sessions come and go under the call: opened early, configured, filled from the log, adopted at a quiet moment.
public sealed partial class TurnMachine
{
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetireDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReplayWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MoveReplay = TimeSpan.FromMilliseconds(800);
    private ModelLink? _current;
    private ModelLink? _next;
    private ModelLink? _retired;
    private int _sessions;
    private int _adoptions;
    private int _openFailures;
    private bool _forceMove;
    private TimeSpan? _replayFrom;
    private bool _commitAfterReplay;
    private bool _owed;

    private void OpenNext(string reason)
    {
        if (_next is null && !_ending)
        {
            _timers.Clear(TurnTimer.OpenRetry);
            _next = new ModelLink(++_sessions, reason);
            Emit(new TurnCommand.OpenSession(_next.Number, reason));
        }
    }

    private void OnSessionOpened(int session, TimeSpan? lifetime)
    {
        if (_next?.Number != session)
        {
            Emit(new TurnCommand.CloseSession(session));
            return;
        }

        _next.Opened = true;

        // A life that is over as it begins is a clock that is wrong, here or there: better no plan than a storm of moves.
        _next.ExpiresAt = lifetime > ShortestLife ? _now + lifetime : null;
        Configure(_next);
        if (_current is null)
        {
            Adopt();
        }
    }

    // What a session fixes once (its voice with the first audio, its tracing) is not sent to it again.
    private void Configure(ModelLink link)
    {
        var settings = _options.Session;
        if (link.Configured)
        {
            settings = settings with { Tracing = null, Voice = link.Spoke ? null : settings.Voice };
        }

        (link.Configured, link.Voice) = (true, _options.Session.Voice);
        Emit(new TurnCommand.SendToModel(link.Number, new ModelCommand.UpdateSession(settings) { Id = "configure" }));
    }

    private void OnSessionLost(int session, string reason)
    {
        if (_retired?.Number == session)
        {
            _retired = null;
            _timers.Clear(TurnTimer.Retire);
        }
        else if (_next?.Number == session)
        {
            Report("session_not_opened", reason);
            _next = null;
            RetryOpening();
        }
        else if (_current?.Number == session)
        {
            Report("session_lost", reason);
            LoseCurrent(reason);
        }
    }

    private void RetryOpening()
    {
        _openFailures++;
        if (_openFailures >= _options.OpenAttempts && (_current is null || _abandoned))
        {
            EndNow("model_unavailable");
            return;
        }

        var delay = _options.OpenRetryDelay * Math.Pow(2, Math.Min(_openFailures - 1, 10));
        _timers.Set(TurnTimer.OpenRetry, _now + (delay < TimeSpan.FromSeconds(8) ? delay : TimeSpan.FromSeconds(8)));
    }

    // The session is gone (dropped, closed, stalled). What was being said and answered is carried over.
    private void LoseCurrent(string reason)
    {
        _current = null;
        _forceMove = false;
        _timers.Clear(TurnTimer.Rollover);
        _timers.Clear(TurnTimer.Force);
        DropSide();
        var answering = (_response is { Cause: WantedResponse.UserTurn } || _want == WantedResponse.UserTurn) && (_userSpeaking || _openTurn is not null);
        RecoverSpeech();
        RecoverResponse();
        _owed |= answering && _want != WantedResponse.UserTurn && _replayFrom is not null;
        if (_timers.IsSet(TurnTimer.Settle))
        {
            FixHeard();
        }

        if (_next is { Opened: true })
        {
            Adopt();
        }
        else if (_next is null)
        {
            // A service that accepts and drops at once must not be hammered.
            if (_openFailures > 0)
            {
                RetryOpening();
            }
            else
            {
                _openFailures = 1;
                OpenNext(reason);
            }
        }
    }

    // Words of the caller that only the lost session knew as audio: they are taken back and spoken again into the next.
    private void RecoverSpeech()
    {
        if (_interruption is not null)
        {
            ConfirmInterruption();
        }

        if (_userSpeaking)
        {
            _replayFrom = Earlier(_replayFrom, _speechFrom);
            _userSpeaking = HoldsTalkKey;
            _timers.Clear(TurnTimer.Commit);
        }

        if (_openTurn is { } turn && Conversation.Find(turn.ItemId) is { Text.Length: 0 } && _response is null or { Cancelled: true } or { AnyItem: false })
        {
            RemoveItem(turn.ItemId, "spoken again into the next session");
            _replayFrom = Earlier(_replayFrom, turn.From);
            _commitAfterReplay = _options.Session.TurnDetection.Mode == TurnDetectionMode.Manual && !_talkKeyDown;
            if (_response is { } flight)
            {
                flight.Cancelled = true;
            }

            if (_want == WantedResponse.UserTurn)
            {
                _want = WantedResponse.None;
            }
        }

        _openTurn = null;
        if (_commits.TryPeek(out var pressed))
        {
            _replayFrom = Earlier(_replayFrom, pressed);
            _commitAfterReplay = !_talkKeyDown;
        }

        if (HoldsTalkKey && _replayFrom is { } since)
        {
            _speechFrom = since;
        }

        if (_replayFrom is null && _options.Session.TurnDetection.Mode != TurnDetectionMode.Manual)
        {
            // A word may have begun that the lost session had not told of; and talk may go on until there is another.
            _replayFrom = QuietSince;
        }
    }

    // Back to here the microphone carried nothing that a session has understood already.
    private TimeSpan QuietSince => _lastSpeechEnd > _now - MoveReplay ? _lastSpeechEnd : _now - MoveReplay;

    private static TimeSpan Earlier(TimeSpan? a, TimeSpan b) => a is { } other && other < b ? other : b;

    private void TryMove()
    {
        if (_next is { Opened: true } && _current is not null && _response is null && (_side is null || _forceMove) && !_timers.IsSet(TurnTimer.Settle)
            && (_interruption is null || _forceMove)
            && (_forceMove || (!_userSpeaking && _spoken.Count == 0 && !TranscriptPending)))
        {
            if (_interruption is not null)
            {
                ConfirmInterruption();
                if (_response is not null || _timers.IsSet(TurnTimer.Settle))
                {
                    return;
                }
            }

            _replayFrom = _userSpeaking ? _speechFrom : QuietSince;
            _owed |= _userSpeaking && Unanswered;
            _userSpeaking = HoldsTalkKey;
            _timers.Clear(TurnTimer.Commit);
            _openTurn = null;
            Adopt();
        }
    }

    private bool TranscriptPending => HearsTranscripts && _untranscribed is { } item && Conversation.Find(item) is { Final: false };

    private void Adopt()
    {
        if (_retired is not null)
        {
            Retire();
        }

        _retired = _current;
        if (_retired is not null)
        {
            _timers.Set(TurnTimer.Retire, _now + RetireDelay);
        }

        var link = _current = _next!;
        _next = null;
        _forceMove = false;
        _abandoned = false;
        DropSide();
        LogSpoken();
        foreach (var item in Conversation.Replay())
        {
            link.Items.Add(item.Id);
            link.Order.Add(item.Id);
            Send(new ModelCommand.CreateItem(item) { Id = "replay" });
        }

        _deletes.Clear();

        // A talk key that went down while there was no session: this one has to hear it from there.
        var replayFrom = HoldsTalkKey ? Earlier(_replayFrom, _speechFrom) : _replayFrom;
        _replayFrom = null;
        Emit(new TurnCommand.AdoptSession(link.Number, replayFrom));
        Log(new ConversationEntry.SessionAdopted(LogTime, link.Number, link.Reason));
        if (_adoptions++ == 0)
        {
            Emit(new TurnCommand.SetUplink(Uplink));
        }

        _commits.Clear();
        if (_commitAfterReplay)
        {
            _commitAfterReplay = false;
            Commit(replayFrom ?? _now);
        }

        if (_owed)
        {
            _timers.Set(TurnTimer.Owed, _now + ReplayWait);
        }

        ScheduleRollover(link);
    }

    // The caller's next words were to bring the answer, and went down with their session; the successor makes none of them.
    private void AnswerOwed()
    {
        _owed = false;
        if (Unanswered)
        {
            Want(WantedResponse.UserTurn);
        }
    }

    private bool Unanswered
    {
        get
        {
            for (var i = Conversation.Items.Count - 1; i >= 0 && Conversation.Items[i].Kind != ModelItemKind.AgentMessage; i--)
            {
                if (Conversation.Items[i].Kind == ModelItemKind.UserMessage)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private void ScheduleRollover(ModelLink link)
    {
        _timers.Clear(TurnTimer.Rollover);
        _timers.Clear(TurnTimer.Force);
        if (link.ExpiresAt is { } end)
        {
            var half = (end - _now) / 2;
            var lead = half < _options.RolloverLead ? half : _options.RolloverLead;
            _timers.Set(TurnTimer.Rollover, end - lead);
            _timers.Set(TurnTimer.Force, end - (lead / 4));
        }
    }

    private void Retire()
    {
        _timers.Clear(TurnTimer.Retire);
        if (_retired is { } link)
        {
            _retired = null;
            Emit(new TurnCommand.CloseSession(link.Number));
        }
    }

    private void TryChangeRole()
    {
        if (_newOptions is not { } options || _current is not { } link || _response is not null || _userSpeaking || _interruption is not null)
        {
            return;
        }

        var otherKind = options.SessionKind != _options.SessionKind;
        _options = options;
        _newOptions = null;

        // The service fixes the voice with the first audio: another voice, like another model, needs another session.
        if (otherKind || (link.Spoke && options.Session.Voice != link.Voice))
        {
            if (_next is not null && otherKind)
            {
                Emit(new TurnCommand.CloseSession(_next.Number));
                _next = null;
            }
            else if (_next is { Opened: true } opened)
            {
                Configure(opened);
            }

            _abandoned = true;
            _forceMove = true;
            OpenNext("role");
            TryMove();
            return;
        }

        Configure(link);
        if (_next is { Opened: true } next)
        {
            Configure(next);
        }
    }
}
