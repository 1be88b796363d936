namespace Bridge.Rehearsal.Live;

/// <summary>The model's speech, one utterance after the other. A new one begins with a cell of the timeline, while nobody speaks.</summary>
internal sealed class LiveMouth(LiveEvents events, RehearsalIds ids, LiveItems conversation)
{
    // More than a model would keep in mind: then the oldest is not said any more.
    private const int MaxWaiting = 32;

    private readonly List<LiveUtterance> _waiting = [];
    private readonly Dictionary<int, LiveUtterance> _asked = [];
    private LiveUtterance? _now;
    private RehearsalContent? _cut;
    private int _requests;
    private long _restsUntil;

    /// <summary>Voice of the session.</summary>
    public string Voice { get; set; } = LiveConfig.DefaultVoice;

    public bool Speaks => _now is not null;

    /// <summary>Says it after what is still to be said.</summary>
    public void Say(LiveUtterance utterance)
    {
        if (_waiting.Count == MaxWaiting)
        {
            Forget(_waiting[0]);
        }

        _waiting.Add(utterance);
        _asked.Add(++_requests, utterance);
        events.Speak(_requests, utterance.Text, Voice);
    }

    /// <summary>Takes the speech asked for.</summary>
    public void Spoken(int request, ReadOnlyMemory<short> pcm)
    {
        if (_asked.Remove(request, out var utterance))
        {
            utterance.Pcm = pcm;
        }
    }

    /// <summary>An append came: what was to be said in the meantime is not said any more.</summary>
    public void ForgetAcknowledgements()
    {
        foreach (var waiting in _waiting.Where(u => u.Acknowledges).ToList())
        {
            Forget(waiting);
        }
    }

    /// <summary>Falls silent at once; false when nothing was being said.</summary>
    public bool Stop()
    {
        if (_now is not { } cut)
        {
            return false;
        }

        Finish(cut, cut.Ended ? "completed" : "incomplete");
        return true;
    }

    /// <summary>Falls silent because it was told to, and says nothing before that place on the timeline.</summary>
    public void Rest(long until)
    {
        Stop();
        _restsUntil = until;
    }

    /// <summary>Begins a cell; the words that begin in it, or null.</summary>
    public string? BeginCell(long cell, bool quiet)
    {
        if (_now is null && quiet && cell >= _restsUntil && _waiting.Find(u => u.NotBefore <= cell) is { Pcm: not null } next)
        {
            _waiting.Remove(next);
            _now = next;
            _cut?.Forget();
            next.Item = new RehearsalItem { Id = ids.Next("item"), Type = "message", Role = "assistant", Status = "in_progress" };
            next.Item.Content.Add(
                new RehearsalContent { Type = "output_audio", Heard = next.Text, WholeSamples = next.Pcm!.Value.Length, Transcript = "" });
            conversation.Add(next.Item);
        }

        return _now?.TakeWords(2 * LiveTimeline.DeltaSamples);
    }

    /// <summary>Puts the next 100 ms into <paramref name="frame"/>, which is silent.</summary>
    public void Take(Span<short> frame)
    {
        if (_now is not { } now)
        {
            return;
        }

        now.Take(frame);
        if (now.Ended)
        {
            Finish(now, "completed");
        }
    }

    private void Finish(LiveUtterance utterance, string status)
    {
        var content = utterance.Item!.Content[0];
        content.Audio = status == "incomplete" ? utterance.Pcm!.Value[..utterance.At] : default;
        _cut = content;
        content.Transcript = utterance.Said;
        utterance.Item.Status = status;
        _now = null;
    }

    private void Forget(LiveUtterance utterance)
    {
        _waiting.Remove(utterance);
        foreach (var (request, asked) in _asked)
        {
            if (asked == utterance)
            {
                _asked.Remove(request);
                return;
            }
        }
    }
}
