using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The person's side: speech and its transcripts, the verdict on a possible interruption, the talk key, mute, and the words
/// that have to be spoken again into another session.
/// </summary>
internal sealed class UserTurns
{
    private static readonly TimeSpan VoiceDetectionLag = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan CommitWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MinPress = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ReplayWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MoveReplay = TimeSpan.FromMilliseconds(800);
    private readonly TurnContext _context;
    private readonly ConversationWriter _conversation;
    private readonly InterruptionVerdict _verdict;
    private readonly InputReplay _replay;
    private readonly Deadline _commit;
    private readonly Deadline _owed;
    private readonly Dictionary<string, string> _partial = new(StringComparer.Ordinal);
    private bool _speaking;
    private bool _muted;
    private bool _talkKeyDown;
    private int _speechStartMs;
    private TimeSpan _speechFrom;
    private TimeSpan _lastSpeechEnd = TimeSpan.MinValue;

    // The person's last turn, until it is answered: where its words are to be found again if its session is lost.
    private (string ItemId, TimeSpan From)? _openTurn;
    private string? _untranscribed;
    private bool _owesAnswer;
    private bool _voiceIgnored;
    private bool _closed;
    private int _spokenMs;
    private TimeSpan _replayed;

    public UserTurns(TurnContext context, ConversationWriter conversation)
    {
        _context = context;
        _conversation = conversation;
        _verdict = new InterruptionVerdict(context);
        _replay = new InputReplay(context);
        _commit = context.Timers.Own(TurnTimer.Commit);
        _owed = context.Timers.Own(TurnTimer.Owed);
    }

    public bool IsMuted => _muted;

    /// <summary>The person is speaking, or a turn that ended was not committed yet.</summary>
    public bool IsSpeaking => _speaking;

    /// <summary>The person can be heard speaking: the end of the speech was not reported yet.</summary>
    public bool IsHeard => _speaking && !_commit.IsSet;

    public bool IsVerdictPending => _verdict.IsPending;

    /// <summary>A possible interruption has silenced the agent.</summary>
    public bool SilencesAgent => _verdict.SilencesAgent;

    /// <summary>The person speaks, or has a turn that is not answered yet.</summary>
    public bool HasTurn => _speaking || _openTurn is not null;

    /// <summary>The transcript of the person's last turn is still to come.</summary>
    public bool IsTranscriptPending => _context.Options.Session.TranscriptionModel is not null
        && _untranscribed is { } item && _conversation.Log.Find(item) is { Final: false };

    /// <summary>A question is answered soon if the words that were spoken again are not heard.</summary>
    public bool IsAnswerOwed => _owesAnswer || _owed.IsSet;

    public ResponseBlockers Blockers =>
        (_speaking ? ResponseBlockers.UserSpeaking : ResponseBlockers.None)
        | (_verdict.IsPending ? ResponseBlockers.VerdictPending : ResponseBlockers.None);

    /// <summary>The microphone's audio becomes this.</summary>
    public UplinkMode Uplink => (_talkKeyDown, IsManual) switch
    {
        _ when _closed => UplinkMode.Closed,
        (true, _) => UplinkMode.Live,
        (false, true) => UplinkMode.Closed,
        _ => _muted ? UplinkMode.Silence : UplinkMode.Live,
    };

    private bool IsManual => _context.Options.Session.TurnDetection is null;

    private bool HoldsTalkKey => _talkKeyDown && IsManual;

    // Back to here the microphone carried nothing that a session has understood already.
    private TimeSpan QuietSince => _lastSpeechEnd > _context.Now - MoveReplay ? _lastSpeechEnd : _context.Now - MoveReplay;

    /// <summary>The service's voice detection hears speech.</summary>
    /// <param name="itemId">The item that the speech will become.</param>
    /// <param name="audioStartMs">Its start in the session's input audio.</param>
    /// <param name="agentAudible">The agent is audible.</param>
    /// <param name="agentBusy">The agent is audible or a response is active.</param>
    public SpeechDecision OnSpeechStarted(string itemId, int audioStartMs, bool agentAudible, bool agentBusy)
    {
        _speaking = true;
        _voiceIgnored = false;
        ForgetOwed();
        _commit.Clear();
        _speechStartMs = audioStartMs;
        _speechFrom = _context.Now - VoiceDetectionLag > _lastSpeechEnd ? _context.Now - VoiceDetectionLag : _lastSpeechEnd;
        var decision = _verdict.OnSpeechStarted(itemId, agentAudible, agentBusy);

        // Nobody waits for the end of what is not listened to.
        _voiceIgnored = decision.HasFlag(SpeechDecision.Drop);
        return decision;
    }

    /// <summary>The service's voice detection hears the end of the speech.</summary>
    public SpeechDecision OnSpeechStopped(string itemId, int audioEndMs)
    {
        // The turn is over with its commit, which follows at once; nothing may come between the two.
        _lastSpeechEnd = _context.Now;
        _spokenMs = audioEndMs - _speechStartMs;
        _commit.Set(_context.Now + CommitWait);
        return _verdict.OnSpeechStopped(itemId, audioEndMs - _speechStartMs);
    }

    /// <summary>
    /// The voice that speaks is not waited for: the person typed, or something has waited for its end too long. Until the
    /// speech ends or another begins. The talk key is no voice of the room.
    /// </summary>
    public bool IsVoiceIgnored => _voiceIgnored && !HoldsTalkKey;

    /// <summary>Does not wait for the end of the speech that goes on.</summary>
    public void IgnoreVoice() => _voiceIgnored = _speaking;

    /// <summary>No shorter than the speech that may become an item before we know of it.</summary>
    public TimeSpan SpeechLength => _speaking ? SpeechSince(_speechFrom) : _replay.Unconfirmed is { } pressed ? SpeechSince(pressed) : TimeSpan.Zero;

    /// <summary>The call comes to its end: nothing that is said from now on is heard.</summary>
    public void StopListening()
    {
        _closed = true;
        (_speaking, _talkKeyDown) = (false, false);
        _commit.Clear();
        _context.Emit(new TurnCommand.SetUplink(UplinkMode.Closed));
        _context.Send(new ModelCommand.ClearInput());
    }

    /// <summary>The page's own voice detection hears speech begin or end.</summary>
    public SpeechDecision OnPageSpeech(bool active, bool agentAudible, bool agentBusy) =>
        active && !_speaking && agentBusy && !_muted ? _verdict.OnPageSpeech(agentAudible) : SpeechDecision.None;

    /// <summary>The person's turn became an item of the session.</summary>
    public SpeechDecision OnCommitted(string itemId)
    {
        _speaking = HoldsTalkKey;
        _voiceIgnored = false;
        _commit.Clear();
        _conversation.AddServiceItem(new ModelItem(itemId, ModelItemKind.UserMessage) { IsAudio = true });
        var from = _replay.OnCommitted() ?? _speechFrom;
        _openTurn = (itemId, from);
        var length = SpeechSince(from);
        _context.Session?.Size.OnCommitted(_spokenMs > length.TotalMilliseconds ? TimeSpan.FromMilliseconds(_spokenMs) : length);
        (_spokenMs, _replayed) = (0, TimeSpan.Zero);
        _untranscribed = itemId;
        var decision = _verdict.OnCommitted(itemId);
        if (decision == SpeechDecision.Drop)
        {
            _conversation.RemoveItem(itemId, "said over the agent, which the role ignores");
            _openTurn = null;
        }

        return decision;
    }

    /// <summary>The timer <see cref="TurnTimer.Commit"/> is due: speech that stopped was not committed.</summary>
    public void OnCommitMissing() => _speaking = false;

    /// <summary>A transcript of the person's speech, or its failure.</summary>
    public SpeechDecision OnTranscript(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.InputTranscriptDelta(var id, _, var delta):
                var text = _partial[id] = _partial.TryGetValue(id, out var before) ? before + delta : delta;
                if (text.Length > 0 && !_verdict.IsDropped(id))
                {
                    _conversation.Show(Speaker.User, id, text, final: false, interrupted: false, text.Length);
                }

                return _verdict.OnWords(id, text, final: false);
            case ModelEvent.InputTranscriptCompleted(var id, _, var words, var usage):
                _partial.Remove(id);
                _conversation.RecordUsage(usage, "transcription");
                if (_conversation.Log.Find(id) is null)
                {
                    return SpeechDecision.None;
                }

                words = words.Trim();
                _conversation.Append(new ConversationEntry.TextKnown(_context.CallTime, id, words, Final: true));
                _conversation.Show(Speaker.User, id, words, final: true, interrupted: false, words.Length);
                return _verdict.OnWords(id, words, final: true);
            case ModelEvent.InputTranscriptFailed(var id, var code, _):
                _partial.Remove(id);
                _context.Report("transcription_failed", code ?? "unknown");
                if (_conversation.Log.Find(id) is not null)
                {
                    _conversation.Append(new ConversationEntry.TextKnown(_context.CallTime, id, "", Final: true));
                }

                return _verdict.OnWordsUnknown(id);
            default:
                return SpeechDecision.None;
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Verdict"/> is due.</summary>
    public SpeechDecision OnVerdictDue() => _verdict.OnDue();

    /// <summary>The person interrupts without a word: the stop button, typed text, the talk key.</summary>
    public void BeginInterruption() => _verdict.Begin();

    /// <summary>The interruption is real; it is pending no more.</summary>
    public Interruption TakeInterruption() => _verdict.Take();

    /// <summary>The interruption was a cough: its item is withdrawn. True when it had silenced the agent.</summary>
    public bool WithdrawInterruption()
    {
        var pending = _verdict.Take();
        if (pending.ItemId is { } item && _conversation.Log.Find(item) is not null)
        {
            _conversation.RemoveItem(item, "no words: a false interruption");
            if (_openTurn?.ItemId == item)
            {
                _openTurn = null;
            }
        }

        return pending.Cleared;
    }

    /// <summary>The person's last turn has its answer.</summary>
    public void OnTurnAnswered() => _openTurn = null;

    public void Mute(bool muted)
    {
        _muted = muted;
        _context.Emit(new TurnCommand.SetUplink(Uplink));
    }

    /// <summary>The talk key went down or up; false: it was there already.</summary>
    public bool TryMoveTalkKey(bool down)
    {
        var moved = down != _talkKeyDown;
        _talkKeyDown = down;
        return moved;
    }

    /// <summary>Begins or ends the turn that the talk key stands for.</summary>
    public void ApplyTalkKey()
    {
        if (!IsManual)
        {
            _context.Emit(new TurnCommand.SetUplink(Uplink));
        }
        else if (_talkKeyDown)
        {
            // Words that still wait for a session are not cut from these: both are one turn.
            _speaking = true;
            _speechFrom = _replay.TurnSince ?? _context.Now;
            _replay.CommitAfter(false);
            _context.Send(new ModelCommand.ClearInput());
            _context.Emit(new TurnCommand.SetUplink(UplinkMode.Live));
        }
        else
        {
            _speaking = false;
            _context.Emit(new TurnCommand.SetUplink(UplinkMode.Closed));
            EndPress();
        }
    }

    /// <summary>
    /// The session is lost. Words that only it knew as audio are taken back and spoken again into the next. Not to be called
    /// while a verdict is pending.
    /// </summary>
    /// <param name="unanswered">No item of an answer to the last turn has come.</param>
    /// <returns>True when the last turn was taken back: it is not to be answered before it is spoken again.</returns>
    public bool Recover(bool unanswered)
    {
        if (_speaking)
        {
            _replay.Include(_speechFrom);
            _speaking = HoldsTalkKey;
            _commit.Clear();
        }

        var taken = unanswered && _openTurn is { } open && _conversation.Log.Find(open.ItemId) is { Text.Length: 0 };
        if (taken)
        {
            _conversation.RemoveItem(_openTurn!.Value.ItemId, "spoken again into the next session");
            _replay.Include(_openTurn.Value.From);
            _replay.CommitAfter(IsManual && !_talkKeyDown);
        }

        _openTurn = null;
        if (_replay.TryIncludeUnconfirmed())
        {
            _replay.CommitAfter(!_talkKeyDown);
        }

        if (HoldsTalkKey && _replay.From is { } since)
        {
            _speechFrom = since;
        }

        if (_replay.From is null && !IsManual)
        {
            // A word may have begun that the lost session had not reported; and talk may go on until there is another.
            _replay.Start(QuietSince);
        }

        return taken;
    }

    /// <summary>The lost session was to answer a turn, and the words that are spoken again may bring no other.</summary>
    public void OweAnswer() => _owesAnswer |= _replay.From is not null;

    /// <summary>The call has to move before it is known whether the person speaks: a question that is left without an answer is answered after the move.</summary>
    public void OweAnswerAfterMove() => _owesAnswer = true;

    /// <summary>The call leaves a session that is still there.</summary>
    public void Leave()
    {
        _replay.Start(_speaking ? _speechFrom : QuietSince);
        _owesAnswer |= _speaking && _conversation.IsUnanswered;
        _speaking = HoldsTalkKey;
        _commit.Clear();
        _openTurn = null;
    }

    /// <summary>A session takes over: from when on it has to hear the microphone; null: only what comes.</summary>
    public TimeSpan? TakeReplay() => _replay.Take(HoldsTalkKey ? _speechFrom : null);

    /// <summary>The session has taken over, and hears the microphone since <paramref name="replayedFrom"/>.</summary>
    public void OnReplayed(TimeSpan? replayedFrom)
    {
        _replay.OnTaken(replayedFrom);
        _replayed = replayedFrom is { } since ? _context.Now - since : TimeSpan.Zero;
        if (_owesAnswer)
        {
            _owed.Set(_context.Now + ReplayWait);
        }
    }

    /// <summary>The person speaks again or is being answered: nothing is owed.</summary>
    public void ForgetOwed()
    {
        _owesAnswer = false;
        _owed.Clear();
    }

    /// <summary>
    /// The timer <see cref="TurnTimer.Owed"/> is due. The person's next words were to bring the answer, and went down with
    /// their session; the successor makes none of them. A question that is still without an answer is answered.
    /// </summary>
    public WantedResponse OnOwedDue()
    {
        _owesAnswer = false;
        return _conversation.IsUnanswered ? WantedResponse.UserTurn : WantedResponse.None;
    }

    // Words that are spoken again take no time.
    private TimeSpan SpeechSince(TimeSpan from) => _context.Now - from + _replayed;

    private void EndPress()
    {
        if (_context.Now - _speechFrom < MinPress)
        {
            // Too short to be a word; the service refuses to commit less than 100 ms.
            _context.Send(new ModelCommand.ClearInput());
            _replay.Forget();
        }
        else if (_context.Session is null)
        {
            _replay.Include(_speechFrom);
            _replay.CommitAfter(true);
        }
        else
        {
            _replay.Commit(_speechFrom);
        }
    }
}
