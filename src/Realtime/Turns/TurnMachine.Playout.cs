using System.Globalization;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

// The agent's voice: what is generated, what is played, what was heard.
public sealed partial class TurnMachine
{
    private static readonly TimeSpan PlayoutGrace = TimeSpan.FromSeconds(3);
    private const int ForgetMarginMs = 1000;

    // A page that is gone without a word is missed after 5 s, and what was sent to it since is still to be heard.
    private static readonly TimeSpan UnnoticedAbsence = TimeSpan.FromSeconds(10);

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

        LogAgentItem(itemId, isAudio: true);
        var item = new SpokenItem(itemId, _current!.Number);
        _spoken.Add(item);
        return item;
    }

    private void OnAudio(ModelEvent.AudioDelta delta)
    {
        _current!.Spoke = true;
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
        if (_interruption is not { Cleared: true } && !_heldForPage)
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
            // Audio that is whole is logged with all its text when it has been heard: the same here.
            var text = item.TextSoFar;
            if (item.BrokenOff || !(item.TextDone || item.AudioDone))
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

    private void OnPlayoutReported(string track, int milliseconds, PlayoutSource source, bool silenced)
    {
        if (FindTrack(track) is not { } item)
        {
            if (source == PlayoutSource.Page && _finished is var (ended, _) && ended.Track == track)
            {
                ended.PageReport = (_now, milliseconds);
            }

            if (silenced)
            {
                CutTail(track, milliseconds);
            }

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
            item.SilencedAt = silenced ? milliseconds : item.Cleared ? item.SilencedAt : null;
            if (silenced && item.Cleared && _timers.IsSet(TurnTimer.Settle))
            {
                FixHeard();
                return;
            }
        }
        else if (!item.Cleared)
        {
            item.ServerReport = (_now, milliseconds);
        }

        if (!item.Cleared)
        {
            ShowAgent(item);
            item.Forget(item.PageReport is { } page ? item.TrackStart + page.Milliseconds - ForgetMarginMs : HeardNow(item) - (int)UnnoticedAbsence.TotalMilliseconds);
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

        _finished = (item, _now);
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

    private void ResumePlayout(bool afterAbsence = false)
    {
        foreach (var item in _spoken)
        {
            var heard = afterAbsence ? Math.Max(item.Kept, HeardBeforeAbsence(item)) : HeardInTheEnd(item);
            if (item.Track is not null)
            {
                item.Track = item.ItemId + "~" + (++_tracks).ToString(CultureInfo.InvariantCulture);
            }

            (item.TrackStart, item.TrackSince) = (heard, _now);
            (item.Cleared, item.ClearedAt, item.SilencedAt, item.PageReport, item.ServerReport) = (false, null, null, null, null);
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
}
