using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// The agent's voice: the messages that are being generated or played, and how much of each was heard when it is cut off.
/// </summary>
internal sealed class Playback
{
    // The page answers a clear with its position at once: a round trip, and no more.
    private static readonly TimeSpan PageSettle = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SpeechSettle = PageSettle + TimeSpan.FromMilliseconds(400);
    private readonly TurnContext _context;
    private readonly ConversationWriter _conversation;
    private readonly SpokenItems _items = new();
    private readonly HeardEstimate _heard;
    private readonly AgentTranscript _transcript;
    private readonly PlayoutTracks _tracks;
    private readonly FinishedItem _finished;
    private readonly Deadline _settle;
    private bool _pageAway;

    public Playback(TurnContext context, ConversationWriter conversation)
    {
        _context = context;
        _conversation = conversation;
        _heard = new HeardEstimate(context);
        _transcript = new AgentTranscript(context, conversation, _heard);
        _tracks = new PlayoutTracks(context, _items, _heard);
        _finished = new FinishedItem(context, conversation.Log, _heard, _transcript);
        _settle = context.Timers.Own(TurnTimer.Settle);
    }

    /// <summary>Nothing is generated, played or waits to be settled.</summary>
    public bool IsEmpty => _items.IsEmpty;

    /// <summary>A track plays or is about to.</summary>
    public bool IsAudible => _items.IsAudible;

    /// <summary>The page's last report after a clear is waited for.</summary>
    public ResponseBlockers Blockers => _settle.IsSet ? ResponseBlockers.PositionUnsettled : ResponseBlockers.None;

    /// <summary>The message, while it is generated, played or settled; else null.</summary>
    public SpokenItem? Find(string itemId) => _items.Find(itemId);

    /// <summary>Audio of a message that is not cancelled.</summary>
    /// <param name="delta">The event.</param>
    /// <param name="hold">Keep it: a possible interruption has silenced the agent.</param>
    public void OnAudio(ModelEvent.AudioDelta delta, bool hold)
    {
        var item = Open(delta.ItemId);
        item.ContentIndex = delta.ContentIndex;
        item.Audio.Add(delta.Pcm);
        if (!hold && !_pageAway)
        {
            _tracks.Play(item, delta.Pcm);
        }
    }

    /// <summary>Text of a message that is not cancelled: the transcript of its audio, or the answer itself.</summary>
    public void OnText(string itemId, string delta, bool isAudio)
    {
        if (isAudio)
        {
            Open(itemId).Text.Append(delta);
        }
        else
        {
            _transcript.Write(itemId, delta);
        }
    }

    /// <summary>The text of a message is whole.</summary>
    /// <param name="itemId">The message.</param>
    /// <param name="text">All of it.</param>
    /// <param name="isLive">Its response is active and not cancelled.</param>
    public void OnTextDone(string itemId, string text, bool isLive)
    {
        if (_items.Find(itemId) is { } item)
        {
            _transcript.EndSpoken(item, text);
        }
        else if (isLive)
        {
            _transcript.EndUnplayed(itemId, text);
        }
    }

    /// <summary>The audio of a message is whole; false when the message is not being played.</summary>
    public bool OnAudioDone(string itemId)
    {
        if (_items.Find(itemId) is not { } item)
        {
            return false;
        }

        FinishAudio(item);
        return true;
    }

    /// <summary>The end of a response ends its messages, whether or not each said so.</summary>
    public void CloseResponse(IReadOnlyList<string> messages, bool cancelled)
    {
        foreach (var id in messages)
        {
            if (_items.Find(id) is { } item)
            {
                item.BrokenOff |= cancelled && !item.AudioDone;
                item.TextDone |= !item.BrokenOff;
                FinishAudio(item);
            }
        }
    }

    /// <summary>A response failed or was lost: what was received of it is played to its end.</summary>
    /// <param name="messages">Its messages.</param>
    /// <param name="cause">Why it was asked for.</param>
    /// <returns>Why the response that is to follow it is asked for.</returns>
    public WantedResponse BreakOff(IReadOnlyList<string> messages, WantedResponse cause)
    {
        foreach (var id in messages)
        {
            if (_items.Find(id) is not { Generated: > 0 } item)
            {
                // Words without audio have no track whose end would end them.
                _items.Remove(id);
                if (_conversation.Log.Find(id) is { HeardMilliseconds: 0, Final: false })
                {
                    _conversation.RemoveItem(id, "its response failed");
                }
            }
            else
            {
                // A sentence that is whole needs no more than its end; one that broke off is to be gone on with.
                item.BrokenOff |= !item.AudioDone;
                cause = item.BrokenOff ? WantedResponse.Continuation : WantedResponse.None;
                FinishAudio(item);
            }
        }

        return cause;
    }

    /// <summary>Something of these messages was played.</summary>
    public bool HasPlayed(IReadOnlyList<string> messages) => messages.Any(
        id => _items.Find(id) is { Track: not null } || _conversation.Log.Find(id) is { HeardMilliseconds: > 0 });

    /// <summary>Removes the messages of a cancelled response of which nothing was heard: the model must not believe they were said.</summary>
    public void DropUnheard(IReadOnlyList<string> messages)
    {
        foreach (var id in messages)
        {
            if (_items.Find(id) is null && _conversation.Log.Find(id) is null or { HeardMilliseconds: 0, Final: false })
            {
                _conversation.RemoveItem(id, "interrupted before it was heard");
            }
        }
    }

    /// <summary>Logs the words that are still being played for the session that takes over.</summary>
    public void LogGenerated()
    {
        foreach (var item in _items)
        {
            _transcript.LogGenerated(item);
        }
    }

    /// <summary>The page or the packet clock reports a position.</summary>
    public void OnReported(TurnInput.PlayoutReported report)
    {
        var (track, milliseconds, source, silenced) = report;
        if (_items.FindTrack(track) is not { } item)
        {
            _finished.OnReported(track, milliseconds, source, silenced);
            return;
        }

        if (source == PlayoutSource.Page)
        {
            _heard.LearnDelay(item, milliseconds);
            item.PageReport = (_context.Now, milliseconds);
            item.SilencedAt = silenced ? milliseconds : item.Cleared ? item.SilencedAt : null;
            if (silenced && item.Cleared && _settle.IsSet)
            {
                FixHeard();
                return;
            }
        }
        else if (!item.Cleared)
        {
            item.Sent.Add(_context.Now, milliseconds);
        }

        if (!item.Cleared)
        {
            _transcript.ShowHeard(item);
            _heard.Forget(item);
            _tracks.OnProgress();
        }
    }

    /// <summary>The last packet of a track has left.</summary>
    public void OnFinished(string track)
    {
        if (_items.FindTrack(track) is { } item)
        {
            if (item.Cleared)
            {
                // It ended just before it was cleared: all of it was sent.
                item.ClearedAt = item.TrackLength;
                item.PageReport = null;
                item.Sent.Clear();
                item.ClearedSince = _context.Now + TimeSpan.FromHours(1);
            }
            else if (item.AudioDone)
            {
                Finish(item);
            }
        }
    }

    /// <summary>The timer <see cref="TurnTimer.Playout"/> is due.</summary>
    public void OnOverdue()
    {
        if (_tracks.TakeOverdue() is { } track)
        {
            OnFinished(track);
        }
    }

    /// <summary>Empties the playout queue.</summary>
    public void Clear() => _tracks.Clear();

    /// <summary>The queue was emptied after so many milliseconds of the track; null: nothing was being played.</summary>
    public void OnCleared(string? track, int milliseconds) => _tracks.OnCleared(track, milliseconds);

    /// <summary>It was no interruption: the sentence goes on where it stopped. Not while the page is away.</summary>
    public void Resume()
    {
        if (!_pageAway)
        {
            foreach (var item in _items)
            {
                _tracks.Resume(item, _heard.HeardInTheEnd(item, pageAway: false));
            }
        }
    }

    /// <summary>The page went away and hears nothing: what it had not played by its last report waits for it, and so does what is generated from now on.</summary>
    /// <param name="silentFor">The path was cut so long ago: what had been sent until then was heard. Null: not known.</param>
    public void OnPageLeft(TimeSpan? silentFor = null)
    {
        _heard.OnPageLeft(_items, silentFor);
        if (IsAudible)
        {
            Clear();
        }

        if (_finished.TakeLost() is { } lost)
        {
            _items.PutFirst(lost);
        }

        _pageAway = true;
    }

    /// <summary>The page is there again.</summary>
    /// <param name="silenced">A possible interruption keeps the agent silent.</param>
    public void OnPageReturned(bool silenced)
    {
        if (_pageAway)
        {
            _pageAway = false;
            if (!silenced && !_settle.IsSet)
            {
                foreach (var item in _items)
                {
                    _tracks.Resume(item, Math.Max(item.Audio.Kept, HeardEstimate.HeardBeforeAbsence(item)));
                }
            }
        }
    }

    /// <summary>
    /// Waits for the page's last word on what was heard of the items that were cleared. After speech it is given longer: the
    /// speech has to end first, so the wait costs nothing.
    /// </summary>
    public void Settle(bool afterSpeech)
    {
        var wait = afterSpeech ? SpeechSettle : PageSettle;
        var latest = TimeSpan.MinValue;
        foreach (var item in _items)
        {
            var since = item.ClearedSince < _context.Now ? item.ClearedSince : _context.Now;
            latest = since > latest ? since : latest;
        }

        if (latest + wait <= _context.Now)
        {
            FixHeard();
        }
        else
        {
            _settle.Set(latest + wait);
        }
    }

    /// <summary>Fixes the position heard now if it is still open.</summary>
    public void FixIfSettling()
    {
        if (_settle.IsSet)
        {
            FixHeard();
        }
    }

    /// <summary>Fixes what was heard of the items that were cleared: each is finished, cut, or removed when nothing of it was heard.</summary>
    public void FixHeard()
    {
        _settle.Clear();
        foreach (var item in _items.ToArray().Where(item => item.Cleared))
        {
            var heard = _heard.HeardInTheEnd(item, _pageAway);
            if (item.AudioDone && !item.BrokenOff && heard >= item.Generated)
            {
                Finish(item);
                continue;
            }

            _items.Remove(item);
            if (heard <= 0)
            {
                _conversation.RemoveItem(item.ItemId, "interrupted before it was heard");
            }
            else
            {
                _transcript.Truncate(item, heard, tellModel: true);
            }
        }
    }

    /// <summary>The call ends: everything is cut where it is.</summary>
    public void End()
    {
        foreach (var item in _items)
        {
            item.Cleared = true;
            item.ClearedSince = _context.Now;
        }

        if (!_items.IsEmpty)
        {
            _context.Emit(new TurnCommand.ClearPlayout());
            FixHeard();
        }
    }

    private SpokenItem Open(string itemId)
    {
        if (_items.Find(itemId) is { } known)
        {
            return known;
        }

        _conversation.AddAgentItem(itemId, isAudio: true);
        var item = new SpokenItem(itemId, _context.Session!.Number);
        _items.Add(item);
        return item;
    }

    private void FinishAudio(SpokenItem item)
    {
        if (!item.AudioDone)
        {
            item.AudioDone = true;
            _tracks.Finish(item);
        }
    }

    private void Finish(SpokenItem item)
    {
        _items.Remove(item);
        if (_items.IsEmpty)
        {
            _tracks.OnEmpty();
        }

        if (item.BrokenOff)
        {
            _transcript.Truncate(item, item.Generated, tellModel: false);
        }
        else
        {
            _finished.Set(item);
            _transcript.Finish(item);
        }
    }
}
