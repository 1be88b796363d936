using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Live;

/// <summary>
/// Finds the agent's utterances in the stream of its audio and words, and plays them. The stream never pauses, has no items and no
/// ends: speech begins with the first sample that is not zero and ends with silence.
/// </summary>
internal sealed class AgentSpeech(TurnContext context, ConversationWriter conversation, Playback playback)
{
    // Pauses within speech have samples beside zero; two deltas of nothing but zeros are its end.
    private const int EndOfSpeechMs = 200;

    // The transcript's cells are 200 ms wide and come a little before or after their sound.
    private const int WordsSlackMs = 400;

    // By then the page has heard the person, too, and the last words have come.
    private const int JudgedAfterMs = 600;

    // Words whose sound did not come by then have none.
    private const int MaxWordsAheadMs = 2_000;
    private readonly List<(string Text, int StartMs, int EndMs)> _ahead = [];
    private Utterance? _open;
    private Utterance? _last;
    private int _positionMs;
    private int _silentMs;
    private bool _awaitsSilence;
    private bool _away = true;

    /// <summary>The agent's audio has sound at this moment, played or not.</summary>
    public bool IsSpeaking => _open is not null || _awaitsSilence;

    /// <summary>Utterances that began so far.</summary>
    public int Count { get; private set; }

    /// <summary>Words were said that nobody could hear, because the page was away.</summary>
    public bool WasMissed { get; private set; }

    /// <summary>
    /// Audio of the session in use. When the agent fell silent in mid-sentence because the person speaks, the utterance is cut off: nothing
    /// of it that waits is played, for it is stale.
    /// </summary>
    /// <param name="delta">Sound or silence.</param>
    /// <param name="personSpeaks">The person speaks now, or did a moment ago.</param>
    /// <returns>The id of an utterance that the person's voice cut off; else null.</returns>
    public string? OnAudio(ModelEvent.AudioDelta delta, bool personSpeaks)
    {
        var start = _positionMs;
        _positionMs += delta.Pcm.Length / 48;
        if (delta.IsSilent)
        {
            return OnSilence(delta, personSpeaks);
        }

        _silentMs = 0;
        if (_awaitsSilence)
        {
            WasMissed |= _away;
            return null;
        }

        if (_away)
        {
            WasMissed = _awaitsSilence = true;
            return null;
        }

        if (_open is null)
        {
            Begin(start);
        }

        playback.OnAudio(delta with { ItemId = _open!.Id }, hold: false);
        _open.EndMs = _positionMs;
        return null;
    }

    /// <summary>Words of the session in use.</summary>
    public void OnWords(LiveEvent.OutputSpoken words)
    {
        var (text, start, end) = words;
        if (_open is { } open && end > open.StartMs - WordsSlackMs)
        {
            Write(open, text, start, end);
        }
        else if (_last is { } last && start < last.EndMs + WordsSlackMs)
        {
            Write(last, text, start, end);
        }
        else if (!_away && !_awaitsSilence)
        {
            _ahead.RemoveAll(ahead => ahead.EndMs < _positionMs - MaxWordsAheadMs);
            _ahead.Add((text, start, end));
        }
    }

    /// <summary>
    /// The utterance ends where it is, and of what waits nothing is played. The rest of it, which the model does not know to be cut off,
    /// is dropped until it falls silent.
    /// </summary>
    /// <param name="goesOn">The model goes on with it.</param>
    /// <param name="afterSpeech">The person's voice cut it off.</param>
    /// <returns>Its id; null when nothing was being said or played.</returns>
    public string? Cut(bool goesOn, bool afterSpeech)
    {
        var cut = _open ?? _last;
        cut?.IsJudged = true;
        var isPlayed = _open is not null || playback.IsAudible;
        _awaitsSilence |= goesOn && _open is not null;
        _silentMs = 0;
        if (!isPlayed || cut is null)
        {
            return null;
        }

        playback.Clear();
        Close();
        playback.Settle(afterSpeech);
        return cut.Id;
    }

    /// <summary>The page went away: nothing is heard.</summary>
    /// <param name="silentFor">As in <see cref="TurnInput.PageConnectionChanged"/>.</param>
    /// <returns>The id of what was being said; null for nothing.</returns>
    public string? OnPageLeft(TimeSpan? silentFor)
    {
        var open = _open;
        playback.OnPageLeft(silentFor);
        Close();
        _away = true;
        _last?.IsJudged = true;
        (WasMissed, _awaitsSilence) = (false, _awaitsSilence || open is not null);
        playback.Settle(afterSpeech: false);
        return open?.Id ?? _last?.Id;
    }

    /// <summary>The page is there again. Speech of this moment has lost its beginning, and is not heard either.</summary>
    public void OnPageReturned()
    {
        playback.FixIfSettling();
        playback.OnPageReturned(silenced: false);
        _away = false;
    }

    /// <summary>The agent's audio comes from another session now, whose timeline begins with zero.</summary>
    /// <returns>The id of an utterance that breaks off with the session, in mid-sentence; else null.</returns>
    public string? OnSession()
    {
        var broken = _open is { EndsSentence: false } open ? open.Id : null;
        Close();
        (_last, _positionMs, _silentMs, _awaitsSilence) = (null, 0, 0, false);
        _ahead.Clear();
        return broken;
    }

    /// <summary>The utterance of the moment ends here.</summary>
    public void Close()
    {
        if (_open is { } open)
        {
            playback.OnAudioDone(open.Id);
            (_last, _open) = (open, null);
        }
    }

    private string? OnSilence(ModelEvent.AudioDelta delta, bool personSpeaks)
    {
        var isFirst = _silentMs == 0;
        _silentMs += delta.Pcm.Length / 48;
        if (_silentMs >= EndOfSpeechMs)
        {
            _awaitsSilence = false;
        }

        if (_open is null)
        {
            return _last is { IsJudged: false } last ? Judge(last, personSpeaks) : null;
        }

        if (isFirst && personSpeaks && !_open.EndsSentence)
        {
            return Cut(goesOn: false, afterSpeech: true);
        }

        _open.PersonSpoke |= personSpeaks;
        if (_silentMs >= EndOfSpeechMs)
        {
            Close();
        }
        else
        {
            playback.OnAudio(delta with { ItemId = _open.Id }, hold: false);
        }

        return null;
    }

    // The model may hear the person sooner than the page does: whether it was interrupted shows once its last words are there.
    private string? Judge(Utterance last, bool personSpeaks)
    {
        last.PersonSpoke |= personSpeaks;
        if (_silentMs < JudgedAfterMs)
        {
            return null;
        }

        last.IsJudged = true;
        if (!last.PersonSpoke || last.EndsSentence || _away)
        {
            return null;
        }

        if (playback.Find(last.Id) is not null)
        {
            playback.Clear();
            playback.Settle(afterSpeech: true);
        }
        else if (conversation.Log.Find(last.Id) is { Interrupted: false } heard)
        {
            // All there was of it has been heard.
            conversation.Append(new ConversationEntry.Truncated(
                context.CallTime, last.Id, last.EndMs - last.StartMs, last.EndMs - last.StartMs, heard.Text, ""));
            conversation.Show(Speaker.Agent, last.Id, heard.Text, final: true, interrupted: true, heard.Text.Length);
        }

        return last.Id;
    }

    private void Begin(int startMs)
    {
        Count++;
        _open = new Utterance(conversation.NewItemId("a"), startMs);
        conversation.AddItem(new ModelItem(_open.Id, ModelItemKind.AgentMessage) { IsAudio = true }, null);
        foreach (var (text, start, end) in _ahead.Where(words => words.EndMs > startMs - WordsSlackMs))
        {
            // Its item is there once it has audio.
            Write(_open, text, start, end);
        }

        _ahead.Clear();
    }

    private void Write(Utterance utterance, string delta, int startMs, int endMs)
    {
        // The first word of a line has no blank before it.
        var text = (startMs > utterance.LastWordMs || utterance.EndsSentence) && LiveText.NeedsBlank(utterance.Text, delta)
            ? " " + delta : delta;
        utterance.LastWordMs = endMs;
        utterance.Text.Append(text);
        if (utterance == _open || playback.Find(utterance.Id) is not null)
        {
            playback.OnText(utterance.Id, text, isAudio: true);
            var item = playback.Find(utterance.Id)!;
            (item.Words ??= new WordTimes()).Add(item.Text.Length, startMs - utterance.StartMs, endMs - utterance.StartMs);
        }
        else if (conversation.Log.Find(utterance.Id) is { Interrupted: false })
        {
            // Its last word came after its last sound had been heard.
            playback.OnTextDone(utterance.Id, utterance.Text.ToString(), isLive: true);
        }
    }
}
