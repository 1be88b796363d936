using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// Tells the model up to which words the person heard it, once that is settled: after an interruption, after the page was away, and where
/// its session ended in mid-sentence. The service has no other way to know.
/// </summary>
internal sealed class HeardReports(ConversationWriter conversation, Playback playback, LiveAppends appends)
{
    private const int MaxQuoted = 240;
    private readonly List<string> _cut = [];
    private bool _isReturn;
    private bool _isBrokenOff;
    private bool _missed;

    /// <summary>Nothing waits to be reported.</summary>
    public bool IsEmpty => _cut.Count == 0 && !_isReturn;

    /// <summary>An utterance was cut off.</summary>
    public void OnCut(string? id)
    {
        if (id is not null && !_cut.Contains(id))
        {
            _cut.Add(id);
        }
    }

    /// <summary>An utterance broke off in mid-sentence because its session ended; what there is of it is played to its end.</summary>
    public void OnBrokenOff(string? id)
    {
        OnCut(id);
        _isBrokenOff |= id is not null;
    }

    /// <summary>The page is there again.</summary>
    /// <param name="missed">The agent spoke while it was away.</param>
    public void OnReturned(bool missed)
    {
        _isReturn = missed || _cut.Count > 0;
        _missed = missed;
    }

    /// <summary>After each input, while the page is there: reports what is settled.</summary>
    public void Continue()
    {
        if (IsEmpty || _cut.Exists(id => playback.Find(id) is not null))
        {
            return;
        }

        var (heard, unheard) = Words();
        var text = _isReturn ? "The person's connection was interrupted and is back. "
            : _isBrokenOff ? "A fault on our side cut you off. " : "The person interrupted you. ";
        text += heard.Length > 0
            ? $"Of what you said last they heard only up to these words: \"{LiveText.Tail(heard, MaxQuoted)}\". "
            : "Of what you said last they heard nothing. ";
        text += unheard.Length > 0 ? $"They did not hear: \"{LiveText.Head(unheard, MaxQuoted)}\". "
            : _missed ? "They did not hear what you said meanwhile. " : "";
        var goesOn = _isReturn || _isBrokenOff;
        text += goesOn ? "Go on from there." : "Take this into account; don't mention it.";
        appends.Instruct(text, untilSpoken: goesOn);
        _cut.Clear();
        (_isReturn, _isBrokenOff, _missed) = (false, false, false);
    }

    // Of utterances that were cut at once the last one that was heard counts.
    private (string Heard, string Unheard) Words()
    {
        var (heard, unheard) = ("", "");
        foreach (var id in _cut)
        {
            if (conversation.Log.Find(id) is { } item)
            {
                heard = item.Text;
                unheard = item.UnheardText;
            }
        }

        return (heard, unheard.Trim());
    }
}
