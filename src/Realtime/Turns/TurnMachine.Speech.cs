using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// The caller's voice: turns, interruptions, and coughs that are none.
public sealed partial class TurnMachine
{
    private static readonly TimeSpan VoiceDetectionLag = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan CommitWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PageHintWait = TimeSpan.FromMilliseconds(800);
    private Interruption? _interruption;
    private bool _userSpeaking;
    private int _speechStartMs;
    private TimeSpan _speechFrom;
    private TimeSpan _lastSpeechEnd = TimeSpan.MinValue;

    // The caller's last turn, until it is answered: where its words are to be found again if its session is lost.
    private (string ItemId, TimeSpan From)? _openTurn;
    private string? _untranscribed;

    // Since when the talk key was down, for each commit that the model has not confirmed yet.
    private readonly Queue<TimeSpan> _commits = new();
    private readonly Dictionary<string, string> _partial = new(StringComparer.Ordinal);

    private bool HearsTranscripts => _options.Session.TranscriptionModel is not null;

    private bool HoldsTalkKey => _talkKeyDown && _options.Session.TurnDetection.Mode == TurnDetectionMode.Manual;

    private bool IsBusy => IsAudible || _response is { Cancelled: false };

    private void OnSpeechStarted(string itemId, int audioStartMs)
    {
        _userSpeaking = true;
        _owed = false;
        _timers.Clear(TurnTimer.Owed);
        _timers.Clear(TurnTimer.Commit);
        _idlePrompts = 0;
        _speechStartMs = audioStartMs;
        _speechFrom = _now - VoiceDetectionLag > _lastSpeechEnd ? _now - VoiceDetectionLag : _lastSpeechEnd;
        if (_interruption is { } pending)
        {
            if (pending.ItemId is null)
            {
                pending.ItemId = itemId;
                ScheduleVerdict(pending);
            }
            else
            {
                // A second sound before the verdict on the first: somebody is talking.
                ConfirmInterruption();
            }
        }
        else if (IsBusy)
        {
            Suspect(itemId, IsAudible ? _options.InterruptSpeaking : _options.InterruptThinking);
        }
    }

    private void Suspect(string? itemId, InterruptionSensitivity sensitivity)
    {
        if (sensitivity == InterruptionSensitivity.Off)
        {
            return;
        }

        _interruption = new Interruption(_now, itemId);
        if (sensitivity != InterruptionSensitivity.Low)
        {
            _interruption.Cleared = true;
            ClearPlayout();
            if (!HearsTranscripts || _options.FalseInterruption == TimeSpan.Zero)
            {
                ConfirmInterruption();
                return;
            }
        }

        ScheduleVerdict(_interruption);
    }

    // Speech that goes on for longer than a cough is real. The service says "stopped" only after its silence time.
    private void ScheduleVerdict(Interruption pending)
    {
        var length = pending.ItemId is null ? PageHintWait
            : pending.Cleared ? _options.FalseInterruption + SilenceTime
            : _options.LowSensitivityDelay + SilenceTime;
        _timers.Set(TurnTimer.Verdict, pending.At + length);
    }

    private TimeSpan SilenceTime => TimeSpan.FromMilliseconds(_options.Session.TurnDetection.Mode == TurnDetectionMode.ServerVad
        ? _options.Session.TurnDetection.SilenceMs ?? 500
        : 1000);

    private void OnSpeechStopped(int audioEndMs)
    {
        // The turn is over with its commit, which follows at once; nothing may come between the two.
        _lastSpeechEnd = _now;
        _timers.Set(TurnTimer.Commit, _now + CommitWait);
        if (_interruption is not { ItemId: not null } pending)
        {
            return;
        }

        pending.SpeechEnded = true;
        var padding = _options.Session.TurnDetection.PrefixPaddingMs ?? 300;
        var length = TimeSpan.FromMilliseconds(audioEndMs - _speechStartMs - padding) - SilenceTime;
        if (length >= (pending.Cleared ? _options.FalseInterruption : _options.LowSensitivityDelay))
        {
            ConfirmInterruption();
        }
        else if (HearsTranscripts)
        {
            _timers.Set(TurnTimer.Verdict, _now + _options.TranscriptWait);
        }
        else
        {
            _timers.Set(TurnTimer.Verdict, _now + PageHintWait);
        }
    }

    private void OnCommitted(ModelLink link, string itemId, string? previous)
    {
        _userSpeaking = HoldsTalkKey;
        _timers.Clear(TurnTimer.Commit);
        link.Tell(itemId, previous);
        LogItem(new ModelItem(itemId, ModelItemKind.UserMessage) { IsAudio = true }, Place(link, itemId));
        _openTurn = (itemId, _commits.TryDequeue(out var pressed) ? pressed : _speechFrom);
        _untranscribed = itemId;
        if (_interruption is { } pending)
        {
            pending.ItemId ??= itemId;
            pending.Committed = true;
            if (pending.ItemId != itemId)
            {
                ConfirmInterruption();
            }
        }
        else
        {
            InterruptTools();
            Want(WantedResponse.UserTurn);
        }
    }

    private void OnTranscript(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.InputTranscriptDelta(var id, _, var delta):
                _partial[id] = _partial.TryGetValue(id, out var before) ? before + delta : delta;
                ShowUser(id, _partial[id], final: false);
                JudgeWords(id, delta, final: false);
                break;
            case ModelEvent.InputTranscriptCompleted(var id, _, var text, var usage):
                _partial.Remove(id);
                Use(usage, "transcription");
                if (Conversation.Find(id) is null)
                {
                    break;
                }

                Log(new ConversationEntry.TextKnown(LogTime, id, text.Trim(), Final: true));
                ShowUser(id, text.Trim(), final: true);
                JudgeWords(id, text, final: true);
                break;
            case ModelEvent.InputTranscriptFailed(var id, var code, _):
                _partial.Remove(id);
                Report("transcription_failed", code ?? "unknown");
                if (Conversation.Find(id) is not null)
                {
                    Log(new ConversationEntry.TextKnown(LogTime, id, "", Final: true));
                }

                if (_interruption?.ItemId == id)
                {
                    ConfirmInterruption();
                }

                break;
        }
    }

    private void ShowUser(string id, string text, bool final)
    {
        if (text.Length > 0 || final)
        {
            Emit(new TurnCommand.ShowTranscript(new TranscriptLine(id, Conversation.PreviousOf(id), Speaker.User, text, final, false, text.Length)));
        }
    }

    private void JudgeWords(string id, string text, bool final)
    {
        if (_interruption is not { } pending || pending.ItemId != id)
        {
            return;
        }

        if (HasWords(text))
        {
            ConfirmInterruption();
        }
        else if (final)
        {
            DenyInterruption();
        }
    }

    private static bool HasWords(string text)
    {
        foreach (var letter in text)
        {
            if (char.IsLetterOrDigit(letter))
            {
                return true;
            }
        }

        return false;
    }

    private void OnVerdictDue()
    {
        if (_interruption is not { } pending)
        {
            return;
        }

        // A page's hint that the model's detection never confirmed was noise. So was, at low sensitivity, a short sound
        // of which no word is known.
        if (pending.ItemId is null || (!pending.Cleared && pending.SpeechEnded))
        {
            DenyInterruption();
        }
        else
        {
            ConfirmInterruption();
        }
    }

    // Somebody really speaks: what is left unsaid stays unsaid.
    private void ConfirmInterruption()
    {
        var pending = _interruption!;
        _interruption = null;
        _timers.Clear(TurnTimer.Verdict);

        // Again for what was generated and held since the first sound.
        ClearPlayout();
        CancelResponse();
        InterruptTools();
        if (_spoken.Count > 0)
        {
            SettleHeard(voice: pending.ItemId is not null && !pending.Committed);
        }

        if (_want is WantedResponse.Continuation or WantedResponse.Idle or WantedResponse.Greeting or WantedResponse.Progress)
        {
            _want = WantedResponse.None;
        }

        if (pending.Committed)
        {
            Want(WantedResponse.UserTurn);
        }
    }

    // A cough: its item is withdrawn, the sentence goes on where it stopped, calls that came meanwhile are made.
    private void DenyInterruption()
    {
        var pending = _interruption!;
        _interruption = null;
        _timers.Clear(TurnTimer.Verdict);
        if (pending.ItemId is { } item && Conversation.Find(item) is not null)
        {
            RemoveItem(item, "no words: a false interruption");
            if (_openTurn?.ItemId == item)
            {
                _openTurn = null;
            }
        }

        if (pending.Cleared && !_heldForPage)
        {
            ResumePlayout();
        }

        StartHeldTools();
    }

    // The stop button, the talk key, typed text: no doubt about it.
    private void InterruptNow()
    {
        if (_interruption is null)
        {
            if (!IsBusy && _spoken.Count == 0)
            {
                InterruptTools();
                return;
            }

            _interruption = new Interruption(_now, null);
        }

        ConfirmInterruption();
    }
}
