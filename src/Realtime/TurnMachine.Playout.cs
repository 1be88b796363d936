using System.Globalization;

namespace Bridge.Realtime;

// The agent's voice: what is generated, what is played, what was heard.
public sealed partial class TurnMachine
{
    private static readonly TimeSpan PlayoutGrace = TimeSpan.FromSeconds(3);
    private const int ForgetMarginMs = 1000;

    // More than a browser's jitter buffer ever holds back.
    private const int InFlightLimitMs = 1500;
    private readonly List<SpokenItem> _spoken = [];
    private double _speakingRate = HeardText.TypicalRate;
    private double _playoutDelayMs = -1;
    private int _tracks;

    private bool IsAudible
    {
        get
        {
            foreach (var item in _spoken)
            {
                if (item is { Track: not null, Cleared: false })
                {
                    return true;
                }
            }

            return false;
        }
    }

    private double PlayoutDelayMs => _playoutDelayMs < 0 ? _options.AssumedPlayoutDelay.TotalMilliseconds : _playoutDelayMs;

    private SpokenItem? FindSpoken(string itemId)
    {
        foreach (var item in _spoken)
        {
            if (item.ItemId == itemId)
            {
                return item;
            }
        }

        return null;
    }

    private SpokenItem? FindTrack(string? track)
    {
        foreach (var item in _spoken)
        {
            if (item.Track is not null && item.Track == track)
            {
                return item;
            }
        }

        return null;
    }

    private SpokenItem Speak(ResponseFlight flight, string itemId)
    {
        if (FindSpoken(itemId) is { } known)
        {
            return known;
        }

        if (!flight.Messages.Contains(itemId))
        {
            flight.Messages.Add(itemId);
        }

        LogAgentItem(itemId);
        var item = new SpokenItem(itemId, _current!.Number);
        _spoken.Add(item);
        return item;
    }

    private void OnAudio(ModelEvent.AudioDelta delta)
    {
        if (_response is not { } flight || flight.Id != delta.ResponseId)
        {
            return;
        }

        Touch();
        if (flight.Cancelled || delta.Pcm.IsEmpty)
        {
            return;
        }

        var item = Speak(flight, delta.ItemId);
        item.ContentIndex = delta.ContentIndex;
        item.Add(delta.Pcm);
        _current!.Spoke = true;
        if (_interruption is not { Cleared: true })
        {
            Play(item, delta.Pcm);
        }
    }

    private void Play(SpokenItem item, ReadOnlyMemory<byte> pcm)
    {
        if (item.Track is null)
        {
            item.Track = item.ItemId;
            item.TrackSince = _now;
        }

        Emit(new TurnCommand.PlayAudio(item.Track, item.ContentIndex, pcm));
    }

    private void OnAudioDone(string response, string itemId)
    {
        if (_response?.Id == response && FindSpoken(itemId) is { } item)
        {
            Touch();
            FinishAudio(item);
        }
    }

    private void FinishAudio(SpokenItem item)
    {
        if (item.AudioDone)
        {
            return;
        }

        item.AudioDone = true;
        if (item is { Track: { } track, Cleared: false })
        {
            Emit(new TurnCommand.FinishPlayout(track));
            WatchPlayout();
        }
    }

    // The end of a response ends its items, whether or not each said so.
    private void CloseSpeech(ResponseFlight flight)
    {
        foreach (var id in flight.Messages)
        {
            if (FindSpoken(id) is { } item)
            {
                item.BrokenOff |= flight.Cancelled && !item.AudioDone;
                item.TextDone |= !item.BrokenOff;
                FinishAudio(item);
            }
        }
    }

    // What a failed or lost response leaves behind: the cause of the response that is to follow it.
    private WantedResponse BreakOff(ResponseFlight flight)
    {
        var after = flight.Cause;
        foreach (var id in flight.Messages)
        {
            if (FindSpoken(id) is not { } item)
            {
                if (Conversation.Find(id) is { HeardMilliseconds: 0, Final: false })
                {
                    RemoveItem(id, "its response failed");
                }
            }
            else
            {
                // A sentence that is whole needs no more than its end; one that broke off is to be gone on with.
                item.BrokenOff |= !item.AudioDone;
                after = item.BrokenOff ? WantedResponse.Continuation : WantedResponse.None;
                FinishAudio(item);
            }
        }

        return after;
    }

    // The successor learns the words that are still being played, as far as they were generated.
    private void LogSpoken()
    {
        foreach (var item in _spoken)
        {
            var text = item.TextSoFar;
            if (!item.TextDone || item.BrokenOff)
            {
                text = text[..HeardText.Prefix(text, item.Generated, item.Generated, complete: false, _speakingRate)];
            }

            if (text.Length > 0)
            {
                Log(new ConversationEntry.TextKnown(LogTime, item.ItemId, text, item.TextDone));
            }
        }
    }

    private void WatchPlayout()
    {
        double left = 0;
        foreach (var item in _spoken)
        {
            left += item.Generated - HeardNow(item);
        }

        _timers.Set(TurnTimer.Playout, _now + TimeSpan.FromMilliseconds(left) + PlayoutGrace);
    }

    private void OnPlayoutOverdue()
    {
        if (_spoken.Count > 0 && _spoken[0] is { AudioDone: true, Cleared: false, Track: { } track })
        {
            Report("playout_overdue", "the playout queue did not report the end of a track");
            OnPlayoutFinished(track);
        }
    }

    private void OnPlayoutReported(string track, int milliseconds, PlayoutSource source)
    {
        if (FindTrack(track) is not { } item)
        {
            return;
        }

        if (source == PlayoutSource.Page)
        {
            if (item.ServerReport is { } server)
            {
                var delay = Math.Clamp(server.Milliseconds + (_now - server.At).TotalMilliseconds - milliseconds, 0, 2000);
                _playoutDelayMs = _playoutDelayMs < 0 ? delay : _playoutDelayMs + ((delay - _playoutDelayMs) * 0.2);
            }

            item.PageReport = (_now, milliseconds);
        }
        else if (!item.Cleared)
        {
            item.ServerReport = (_now, milliseconds);
        }

        if (!item.Cleared)
        {
            ShowAgent(item);
            item.Forget(HeardNow(item) - ForgetMarginMs);
            if (_timers.IsSet(TurnTimer.Playout))
            {
                WatchPlayout();
            }
        }
    }

    private void OnPlayoutFinished(string track)
    {
        if (FindTrack(track) is { } item)
        {
            if (item.Cleared)
            {
                // It ended just before it was cleared: all of it was sent.
                item.ClearedAt = item.Generated - item.TrackStart;
                item.PageReport = null;
                item.ServerReport = null;
                item.ClearedSince = _now + TimeSpan.FromHours(1);
            }
            else if (item.AudioDone)
            {
                FinishItem(item);
            }
        }
    }

    private void FinishItem(SpokenItem item)
    {
        _spoken.Remove(item);
        if (_spoken.Count == 0)
        {
            _timers.Clear(TurnTimer.Playout);
        }

        if (item.BrokenOff)
        {
            LogTruncation(item, item.Generated, tellModel: false);
            return;
        }

        if (item.Generated > 500)
        {
            var rate = HeardText.Weigh(item.TextSoFar) / item.Generated;
            _speakingRate = Math.Clamp(_speakingRate + ((rate - _speakingRate) * 0.3), 0.005, 0.05);
        }

        Log(new ConversationEntry.TextKnown(LogTime, item.ItemId, item.TextSoFar, Final: item.TextDone));
        Log(new ConversationEntry.AudioHeard(LogTime, item.ItemId, item.Generated, item.Generated));
        ShowLine(item.ItemId, item.TextSoFar, final: true, interrupted: false, item.Text.Length);
    }

    private void ClearPlayout()
    {
        var any = false;
        foreach (var item in _spoken)
        {
            if (!item.Cleared)
            {
                item.Cleared = true;
                item.ClearedSince = _now;
                any |= item.Track is not null;
            }
        }

        _timers.Clear(TurnTimer.Playout);
        if (any)
        {
            Emit(new TurnCommand.ClearPlayout());
        }
    }

    private void OnPlayoutCleared(string? track, int milliseconds)
    {
        // Tracks play one after the other: those before the one that was cut had gone out, those behind it had not.
        var cut = FindTrack(track);
        var before = cut is not null;
        foreach (var item in _spoken)
        {
            if (item is { Cleared: true, ClearedAt: null, Track: not null })
            {
                var length = item.Generated - item.TrackStart;
                item.ClearedAt = item == cut ? Math.Min(milliseconds, length)
                    : before ? length
                    : cut is null ? item.ServerReport?.Milliseconds ?? item.PageReport?.Milliseconds ?? 0 : 0;
            }

            before &= item != cut;
        }
    }

    /// <summary>Position heard within the item, ms: the page's report carried forward; else the server's, less the delay to the ear.</summary>
    private int HeardNow(SpokenItem item)
    {
        if (item.Track is null)
        {
            return 0;
        }

        var cap = Math.Min(item.ClearedAt ?? int.MaxValue, item.Generated - item.TrackStart);
        var until = item.Cleared && item.ClearedAt is null && _now > item.ClearedSince + TimeSpan.FromMilliseconds(PlayoutDelayMs)
            ? item.ClearedSince + TimeSpan.FromMilliseconds(PlayoutDelayMs)
            : _now;
        double heard;
        if (item.PageReport is { } page && _now - page.At <= _options.HeardReportMaxAge)
        {
            heard = page.Milliseconds + Math.Max(0, (until - page.At).TotalMilliseconds);
        }
        else if (item.ServerReport is { } server)
        {
            heard = Math.Max(server.Milliseconds + (until - server.At).TotalMilliseconds - PlayoutDelayMs, item.PageReport?.Milliseconds ?? 0);
        }
        else if (item.ClearedAt is { } sent && _now >= item.ClearedSince + TimeSpan.FromMilliseconds(PlayoutDelayMs))
        {
            heard = sent;
        }
        else
        {
            heard = Math.Max(item.PageReport?.Milliseconds ?? 0, (until - item.TrackSince).TotalMilliseconds - PlayoutDelayMs);
        }

        return item.TrackStart + (int)Math.Clamp(heard, 0, Math.Max(0, cap));
    }

    // After a clear, what had left for the page still comes out of its speaker: it was heard, unless the page is so far
    // behind that it can't be playing it any more.
    private int HeardInTheEnd(SpokenItem item)
    {
        var now = HeardNow(item);
        if (item is not { Track: not null, ClearedAt: { } sent })
        {
            return now;
        }

        var end = item.TrackStart + Math.Clamp(sent, 0, item.Generated - item.TrackStart);
        var pageLives = item.PageReport is { } page && _now - page.At <= _options.HeardReportMaxAge;
        return pageLives && end - now > InFlightLimitMs ? now : end;
    }

    // The page's last word on what was heard is waited for; the response to come waits with it.
    private void SettleHeard()
    {
        var due = _spoken.Max(item => item.ClearedSince < _now ? item.ClearedSince : _now) + _options.HeardSettle;
        if (due <= _now)
        {
            FixHeard();
        }
        else
        {
            _timers.Set(TurnTimer.Settle, due);
        }
    }

    private void FixHeard()
    {
        _timers.Clear(TurnTimer.Settle);
        foreach (var item in _spoken.ToArray())
        {
            if (!item.Cleared)
            {
                continue;
            }

            var heard = HeardInTheEnd(item);
            if (item.AudioDone && !item.BrokenOff && heard >= item.Generated)
            {
                FinishItem(item);
                continue;
            }

            _spoken.Remove(item);
            if (heard <= 0)
            {
                RemoveItem(item.ItemId, "interrupted before it was heard");
            }
            else
            {
                LogTruncation(item, heard, tellModel: true);
            }
        }
    }

    private void LogTruncation(SpokenItem item, int heard, bool tellModel)
    {
        var text = item.TextSoFar;
        var length = HeardText.Prefix(text, heard, item.Generated, item.TextDone && item.AudioDone && !item.BrokenOff, _speakingRate);
        var heardText = text[..length];
        Log(new ConversationEntry.Truncated(LogTime, item.ItemId, heard, item.Generated, heardText, text[length..]));
        ShowLine(item.ItemId, text, final: true, interrupted: true, length);
        if (!tellModel || _current is not { } link)
        {
            return;
        }

        if (link.Number == item.Session)
        {
            Send(new ModelCommand.TruncateItem(item.ItemId, item.ContentIndex, heard));
        }
        else if (link.Items.Contains(item.ItemId))
        {
            // Replayed into this session as text: replaced by the words that were heard.
            _deletes.Add(item.ItemId);
            if (heardText.Length > 0)
            {
                var id = NewItemId("h");
                link.Items.Add(id);
                Send(new ModelCommand.CreateItem(new ModelItem(id, ModelItemKind.AgentMessage) { Text = heardText }, item.ItemId));
            }
        }
    }

    private void ResumePlayout()
    {
        foreach (var item in _spoken)
        {
            var heard = HeardInTheEnd(item);
            if (item.Track is not null)
            {
                item.Track = item.ItemId + "~" + (++_tracks).ToString(CultureInfo.InvariantCulture);
            }

            (item.TrackStart, item.TrackSince) = (heard, _now);
            (item.Cleared, item.ClearedAt, item.PageReport, item.ServerReport) = (false, null, null, null);
            foreach (var pcm in item.From(heard))
            {
                Play(item, pcm);
            }

            if (item is { AudioDone: true, Track: { } track })
            {
                Emit(new TurnCommand.FinishPlayout(track));
                WatchPlayout();
            }
        }
    }

    // Messages of a cancelled response of which nothing was heard: the model must not believe they were said.
    private void DropUnheard(ResponseFlight flight)
    {
        foreach (var id in flight.Messages)
        {
            if (FindSpoken(id) is null && Conversation.Find(id) is null or { HeardMilliseconds: 0, Final: false })
            {
                RemoveItem(id, "interrupted before it was heard");
            }
        }
    }

    private void OnAgentText(string response, string itemId, string delta, bool isAudio)
    {
        if (_response is not { } flight || flight.Id != response)
        {
            return;
        }

        Touch();
        if (flight.Cancelled)
        {
            return;
        }

        if (isAudio)
        {
            Speak(flight, itemId).Text.Append(delta);
            return;
        }

        LogAgentItem(itemId, isAudio: false);
        var text = _partial[itemId] = _partial.TryGetValue(itemId, out var before) ? before + delta : delta;
        ShowLine(itemId, text, final: false, interrupted: false, text.Length);
    }

    private void OnAgentTextDone(string response, string itemId, string text)
    {
        if (FindSpoken(itemId) is { } item)
        {
            item.Text.Clear().Append(text);
            item.TextDone = true;
            Log(new ConversationEntry.TextKnown(LogTime, itemId, text, Final: true));
        }
        else if (_response is { Cancelled: false } flight && flight.Id == response)
        {
            LogAgentItem(itemId, isAudio: false);
            _partial.Remove(itemId);
            Log(new ConversationEntry.TextKnown(LogTime, itemId, text, Final: true));
            ShowLine(itemId, text, final: true, interrupted: false, text.Length);
        }
    }

    private void ShowAgent(SpokenItem item)
    {
        var text = item.TextSoFar;
        var length = HeardText.Prefix(text, HeardNow(item), item.Generated, item.TextDone && item.AudioDone, _speakingRate);
        if (length > item.ShownLength)
        {
            item.ShownLength = length;
            ShowLine(item.ItemId, text[..length], final: false, interrupted: false, length);
        }
    }

    private void ShowLine(string id, string text, bool final, bool interrupted, int heard) =>
        Emit(new TurnCommand.ShowTranscript(new TranscriptLine(id, Conversation.PreviousOf(id), Speaker.Agent, text, final, interrupted, heard)));
}
