using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>Decides whether a sound of the person interrupts the agent or is a cough. Part of <see cref="UserTurns"/>.</summary>
internal sealed class InterruptionVerdict(TurnContext context)
{
    // A sound shorter than this while the agent is silent may be a cough as well: its words are waited for before it is
    // answered. "Yes" takes some 300 ms.
    private static readonly TimeSpan ShortSound = TimeSpan.FromMilliseconds(350);

    // A transcript is there some 300 to 700 ms after the commit; a person waits no longer for an answer.
    private static readonly TimeSpan TranscriptWait = TimeSpan.FromMilliseconds(900);

    // The service confirms within about 500 ms what the page's detector hears, or it was noise.
    private static readonly TimeSpan PageHintWait = TimeSpan.FromMilliseconds(800);
    private const int MaxDropped = 8;
    private readonly Deadline _due = context.Timers.Own(TurnTimer.Verdict);
    private Interruption? _pending;

    // Speech over the agent that the role does not want. Its transcript may come after more of it has begun.
    private readonly List<string> _dropped = [];

    public bool IsPending => _pending is not null;

    /// <summary>A possible interruption has silenced the agent.</summary>
    public bool SilencesAgent => _pending is { Cleared: true };

    private ServerVad? ServerVad => context.Options.Session.TurnDetection as ServerVad;

    private bool HearsTranscripts => context.Options.Session.TranscriptionModel is not null;

    private TimeSpan SilenceTime => TimeSpan.FromMilliseconds(ServerVad is { } vad ? vad.SilenceDurationMs ?? 500 : 1000);

    /// <summary>The service hears speech.</summary>
    public SpeechDecision OnSpeechStarted(string itemId, bool agentAudible, bool agentBusy)
    {
        if (_pending is not { } pending)
        {
            return agentBusy ? Suspect(itemId, RuleWhile(agentAudible)) : Keep(itemId);
        }

        if (pending.ItemId is not null)
        {
            // A second sound before the verdict on the first: somebody is talking.
            return SpeechDecision.Interrupt;
        }

        pending.ItemId = itemId;
        Schedule(pending);
        return SpeechDecision.None;
    }

    /// <summary>The page's own detector hears speech, and the service does not yet.</summary>
    public SpeechDecision OnPageSpeech(bool agentAudible) =>
        _pending is null && RuleWhile(agentAudible) is { OnPageSpeech: true } rule ? Suspect(null, rule) : SpeechDecision.None;

    /// <summary>The service hears the end of the speech, which took this long in its input audio, padding and silence included.</summary>
    public SpeechDecision OnSpeechStopped(string itemId, int milliseconds)
    {
        var padding = ServerVad?.PrefixPaddingMs ?? 300;
        var length = TimeSpan.FromMilliseconds(milliseconds - padding) - SilenceTime;
        if (IsDropped(itemId))
        {
            return SpeechDecision.None;
        }

        if (_pending is null && length < ShortSound && HearsTranscripts && ServerVad is not null)
        {
            _pending = new Interruption(context.Now, itemId) { InSilence = true };
        }

        if (_pending is not { ItemId: not null } pending)
        {
            return SpeechDecision.None;
        }

        pending.SpeechEnded = true;
        if (pending.InSilence)
        {
            _due.Set(context.Now + TranscriptWait);
            return SpeechDecision.None;
        }

        if (length >= pending.SpeechLength)
        {
            return SpeechDecision.Interrupt;
        }

        _due.Set(context.Now + (HearsTranscripts ? TranscriptWait : PageHintWait));
        return SpeechDecision.None;
    }

    /// <summary>The speech became an item of the session.</summary>
    public SpeechDecision OnCommitted(string itemId)
    {
        if (IsDropped(itemId))
        {
            return SpeechDecision.Drop;
        }

        if (_pending is not { } pending)
        {
            return SpeechDecision.Answer;
        }

        pending.ItemId ??= itemId;
        pending.Committed = true;
        return pending.ItemId != itemId ? SpeechDecision.Interrupt : SpeechDecision.None;
    }

    /// <summary>Words of an item were transcribed, or are known to be none.</summary>
    public SpeechDecision OnWords(string itemId, string text, bool final)
    {
        if (_pending?.ItemId != itemId)
        {
            return SpeechDecision.None;
        }

        // "Mhm" over the agent says: go on. Into silence it is an answer.
        if (!_pending.InSilence && ListeningWords.AreAll(text, context.Options.ListeningSounds, final))
        {
            return final ? SpeechDecision.Resume : SpeechDecision.None;
        }

        return text.Any(char.IsLetterOrDigit) ? SpeechDecision.Interrupt
            : final ? SpeechDecision.Resume
            : SpeechDecision.None;
    }

    /// <summary>The words of an item will not be known.</summary>
    public SpeechDecision OnWordsUnknown(string itemId) => _pending?.ItemId == itemId ? SpeechDecision.Interrupt : SpeechDecision.None;

    /// <summary>The timer <see cref="TurnTimer.Verdict"/> is due.</summary>
    public SpeechDecision OnDue() => _pending switch
    {
        null => SpeechDecision.None,

        // A page's hint that the service never confirmed was noise. So was, at low sensitivity, a short sound of which no
        // word is known.
        { ItemId: null } or { Cleared: false, SpeechEnded: true, InSilence: false } => SpeechDecision.Resume,
        _ => SpeechDecision.Interrupt,
    };

    /// <summary>True for speech that is dropped: nothing of it is shown.</summary>
    public bool IsDropped(string itemId) => _dropped.Contains(itemId);

    /// <summary>The person interrupts without a word: the stop button, typed text, the talk key.</summary>
    public void Begin() => _pending ??= new Interruption(context.Now, null);

    /// <summary>The verdict is out: nothing is pending any more.</summary>
    public Interruption Take()
    {
        var pending = _pending!;
        _pending = null;
        _due.Clear();
        return pending;
    }

    private VoiceInterruption? RuleWhile(bool agentAudible) =>
        agentAudible ? context.Options.InterruptSpeaking : context.Options.InterruptThinking;

    private SpeechDecision Suspect(string? itemId, VoiceInterruption? rule)
    {
        if (rule is null)
        {
            return itemId is null ? SpeechDecision.None : Keep(itemId);
        }

        if (rule.IsDropped)
        {
            if (itemId is null)
            {
                return SpeechDecision.None;
            }

            if (_dropped.Count == MaxDropped)
            {
                _dropped.RemoveAt(0);
            }

            _dropped.Add(itemId);
            return SpeechDecision.Drop;
        }

        _pending = new Interruption(context.Now, itemId) { Cleared = rule.SilencesAtOnce, SpeechLength = rule.SpeechLength };
        if (rule.SilencesAtOnce && !HearsTranscripts)
        {
            // Nothing would tell a cough from a word.
            return SpeechDecision.Silence | SpeechDecision.Interrupt;
        }

        Schedule(_pending);
        return rule.SilencesAtOnce ? SpeechDecision.Silence : SpeechDecision.None;
    }

    private SpeechDecision Keep(string itemId)
    {
        _dropped.Remove(itemId);
        return SpeechDecision.None;
    }

    // Speech that goes on for so long is real. The service says "stopped" only after its silence time.
    private void Schedule(Interruption pending)
    {
        var length = pending.ItemId is null ? PageHintWait : pending.SpeechLength + SilenceTime;
        _due.Set(pending.At + length);
    }
}
