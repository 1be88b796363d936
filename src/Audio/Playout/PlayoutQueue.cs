using System.Diagnostics.CodeAnalysis;
using Bridge.Audio.Codecs;

namespace Bridge.Audio.Playout;

/// <summary>
/// From the model's 24 kHz mono int16 to one RTP payload per 20 ms: encodes ahead of time, remembers which item each
/// packet came from, and can be emptied at once.
/// </summary>
/// <remarks>One producer (append, finish, clear) and one consumer (take) may be two threads; locate is safe from any.</remarks>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue: first in, first out.")]
internal sealed class PlayoutQueue
{
    private const int ModelRate = 24000;
    private const int HushPackets = 2; // without them the listener's concealment would stretch the last vowel

    // The encoder side: guarded by _encoding. Taken before _queue, never inside it.
    private readonly Lock _encoding = new();
    private readonly FrameEncoder _encoder;
    private readonly PendingFrame _pending = new();
    private PlayoutItem? _item;
    private long _pendingStart;

    // The queue side: guarded by _queue.
    private readonly Lock _queue = new();
    private readonly PacketRing _packets = new();
    private readonly Queue<string> _finished = new();
    private readonly PlayoutHistory _history;
    private readonly PlayoutTimeline _timeline;
    private readonly long _capacity;
    private readonly Action? _ready;
    private readonly RefillTarget _refill;
    private long _queuedSamples;
    private PlayoutItem? _lastItem;
    private long _lastEnd;
    private bool _playing;
    private bool _idle = true; // the last tick found nothing to take
    private bool _called; // Ready has been raised since the last take
    private bool _ranDry;
    private int _fading; // packets with which a sentence that ran dry ends
    private bool _gap = true;
    private PlayoutCounts _counts;

    /// <summary>Makes the downlink of one call.</summary>
    /// <param name="codec">Codec to encode with. Not disposed by the queue.</param>
    /// <param name="options">Settings; defaults when left out.</param>
    public PlayoutQueue(IAudioCodec codec, PlayoutQueueOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(codec);
        options ??= new PlayoutQueueOptions();
        _encoder = new FrameEncoder(codec);
        _timeline = new PlayoutTimeline(options.FirstTimestamp, codec.ClockRate);
        _capacity = (long)(options.Capacity.TotalSeconds * ModelRate);
        _ready = options.Ready;
        _refill = new RefillTarget(options.IsLive);
        _history = new PlayoutHistory(codec.ClockRate);
    }

    /// <summary>Audio that waits to be taken.</summary>
    public TimeSpan Buffered
    {
        get
        {
            lock (_queue)
            {
                return TimeSpan.FromTicks(_queuedSamples * TimeSpan.TicksPerSecond / ModelRate);
            }
        }
    }

    /// <summary>Counters since the start.</summary>
    public PlayoutQueueStats Stats
    {
        get
        {
            lock (_queue)
            {
                return new PlayoutQueueStats
                {
                    Sent = _counts.Sent,
                    Underruns = _counts.Underruns,
                    ClearedSamples = _counts.Cleared,
                    DroppedSamples = _counts.Dropped,
                    EncodeErrors = _encoder.Errors,
                };
            }
        }
    }

    /// <summary>Appends speech of an item. Encodes it at once; what is short of 20 ms waits for more.</summary>
    /// <param name="itemId">The conversation item. Another item than the last ends that one.</param>
    /// <param name="contentIndex">Index of the content part.</param>
    /// <param name="pcm24k">Mono int16 of 24 kHz, any length.</param>
    public void Append(string itemId, int contentIndex, ReadOnlySpan<short> pcm24k)
    {
        ArgumentNullException.ThrowIfNull(itemId);
        if (_item is null || _item.Id != itemId || _item.ContentIndex != contentIndex)
        {
            lock (_encoding)
            {
                EndItem();
                _item = new PlayoutItem(itemId, contentIndex);
                _pendingStart = 0;
            }
        }

        while (!pcm24k.IsEmpty)
        {
            // Locked for one frame at a time, so that a tick which finds the queue dry never waits longer than one frame takes.
            lock (_encoding)
            {
                pcm24k = pcm24k[_pending.Fill(pcm24k)..];
                if (_pending.Count == PendingFrame.Length && !EncodePending())
                {
                    lock (_queue)
                    {
                        _counts.Dropped += pcm24k.Length;
                    }

                    return;
                }
            }
        }
    }

    /// <summary>
    /// Says that an item is complete: pads its last packet, and adds one where the codec's delay would cut the last sound off.
    /// </summary>
    /// <param name="itemId">The conversation item.</param>
    public void Finish(string itemId)
    {
        lock (_encoding)
        {
            if (_item?.Id == itemId)
            {
                EndItem();
            }
        }
    }

    /// <summary>Barge-in: throws away everything that has not been taken, and closes the stream with two packets of silence.</summary>
    /// <returns>The item that was being played and how much of it had been taken; null when no item was in the middle of playing.</returns>
    public PlayoutPosition? Clear()
    {
        lock (_encoding)
        {
            _pending.Clear();
            _pending.FadesIn = false;
            _item = null;
            _encoder.Reset();
            lock (_queue)
            {
                _counts.Cleared += _queuedSamples;
                _queuedSamples = 0;
                (_ranDry, _fading) = (false, 0);
                _packets.Clear();
                if (_lastItem is not { } last || (!_playing && last is { Finished: true, Queued: 0 }))
                {
                    return null;
                }

                // An item that ran dry is in the middle of playing, though nothing leaves: its stream is closed already.
                var position = new PlayoutPosition(last.Id, last.ContentIndex, _lastEnd);
                _lastItem = null;
                for (int i = 0; i < (_playing ? HushPackets : 0); i++)
                {
                    _packets.Enqueue(_encoder.EncodeSilence(), null, 0, 0, 0, AudioLevel.Silence);
                }

                return position;
            }
        }
    }

    /// <summary>Takes the packet of this tick.</summary>
    /// <param name="now">The time.</param>
    /// <param name="packet">Room for a payload; 1275 bytes hold any.</param>
    /// <param name="frame">Its length, timestamp and marker.</param>
    /// <returns><see langword="false"/> when there is nothing to send.</returns>
    public bool TryTake(TimeSpan now, Span<byte> packet, out PlayoutFrame frame)
    {
        bool dry;
        lock (_queue)
        {
            dry = _packets.Count == 0 && _playing && _lastItem is { Finished: false };
            _counts.Underruns += dry && _refill.IsLive && !_idle ? 1 : 0;
        }

        if (dry && !_refill.IsLive)
        {
            FadeOut();
        }

        lock (_queue)
        {
            _called = false;
            if ((_fading == 0 && IsRefilling()) || !_packets.TryDequeue(packet, out PacketRing.Entry entry))
            {
                Miss(now);
                frame = default;
                return false;
            }

            _idle = false;
            _fading = Math.Max(0, _fading - 1);
            _gap |= _timeline.Step(now, _playing);
            _playing = true;
            Note(entry);
            frame = new PlayoutFrame(entry.Bytes, _timeline.Timestamp.Wire, _gap, entry.Level);
            _gap = entry.Bytes == 0;
            _counts.Sent += entry.Bytes > 0 ? 1 : 0;
            return entry.Bytes > 0;
        }
    }

    /// <summary>Maps an RTP timestamp that the listener has heard to the item and the place in it.</summary>
    /// <param name="rtpTimestamp">Timestamp in units of the codec's RTP clock.</param>
    /// <param name="position">The position that had been heard. In a silence after an item: the whole of that item.</param>
    /// <returns>
    /// <see langword="false"/> for a timestamp before the first packet, more than a second beyond the last one, or too long ago.
    /// </returns>
    public bool TryLocate(uint rtpTimestamp, out PlayoutPosition position)
    {
        lock (_queue)
        {
            position = default;
            return _timeline.TryNearest(rtpTimestamp, out ExtendedTimestamp timestamp) && _history.TryLocate(timestamp, out position);
        }
    }

    /// <summary>Tells of items whose last packet has been taken, one per call, in order.</summary>
    /// <param name="itemId">The item.</param>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool TryDequeueFinished([NotNullWhen(true)] out string? itemId)
    {
        lock (_queue)
        {
            return _finished.TryDequeue(out itemId);
        }
    }

    /// <summary>There is nothing to take. A live sender's packet is late: only a longer silence is a gap.</summary>
    private void Miss(TimeSpan now)
    {
        _idle = true;
        if (_refill.IsLive && _playing && !_timeline.IsOver(now))
        {
            return;
        }

        _ranDry = _ranDry || _refill.EndStretch(isDry: _playing && _lastItem is { Finished: false });
        _playing = false;
        _gap = true;
    }

    /// <summary>After an underrun: whether there is still too little to go on with. A complete answer need not wait.</summary>
    private bool IsRefilling()
    {
        _ranDry &= _queuedSamples < _refill.Samples && (_packets.Count == 0 || _packets.First.Item is { Finished: false });
        return _ranDry;
    }

    private void Note(in PacketRing.Entry entry)
    {
        if (entry.Item is not { } item)
        {
            return;
        }

        _queuedSamples -= entry.Length;
        _refill.OnTaken(entry.Length, _queuedSamples);
        _history.Add(_timeline.Timestamp, item, entry.Start, entry.Length, entry.Delay);
        _lastItem = item;
        _lastEnd = entry.Start + entry.Length;
        if (--item.Queued == 0 && item.Finished)
        {
            _finished.Enqueue(item.Id);
        }
    }

    /// <summary>Ends the item: what is pending becomes a packet, and so does the sound that is still inside the codec.</summary>
    private void EndItem()
    {
        if (_item is not { } item)
        {
            return;
        }

        int padding = 0;
        if (_pending.Count > 0)
        {
            padding = PendingFrame.Length - _pending.Count;
            _pending.Pad();
            EncodePending();
        }

        if (item.Appended > 0 && padding < _encoder.Delay)
        {
            _pending.Pad();
            EncodePending();
        }

        bool start;
        lock (_queue)
        {
            item.Finished = true;
            if (item.Queued == 0)
            {
                _finished.Enqueue(item.Id);
            }

            start = IsToStart();
        }

        _item = null;
        Start(start);
    }

    /// <summary>The item has run dry in mid-sentence: what there is fades out within 5 ms, and what comes later will fade in.</summary>
    private void FadeOut()
    {
        lock (_encoding)
        {
            lock (_queue)
            {
                if (_packets.Count > 0 || (_pending.FadesIn && _pending.Count == 0))
                {
                    return;
                }

                _counts.Underruns++;
                _fading = HushPackets + 1;
                _ranDry = _refill.EndStretch(isDry: true);
            }

            _pending.FadeOut(_encoder);
            EncodePending();
            for (int i = 0; i < HushPackets; i++)
            {
                _pending.Pad();
                EncodePending();
            }

            _pending.FadesIn = true;
        }
    }

    /// <summary>Encodes <see cref="_pending"/>, the item's as far as it was filled, and begins the next frame.</summary>
    private bool EncodePending()
    {
        PlayoutItem? item = _item;
        int count = _pending.Count;
        ReadOnlySpan<byte> packet = _encoder.Encode(_pending.Samples);
        int level = AudioLevel.Of(_pending.Samples);
        long start = _pendingStart;
        _pendingStart += count;
        _pending.Clear();
        bool first;
        lock (_queue)
        {
            if (_queuedSamples + count > _capacity)
            {
                _counts.Dropped += count;
                return false;
            }

            _queuedSamples += count;
            if (item is not null)
            {
                item.Appended += count;
                item.Queued++;
            }

            _packets.Enqueue(packet, item, start, count, _encoder.Delay, level);
            first = IsToStart();
        }

        Start(first);
        return true;
    }

    /// <summary>Whether there is something to take, and nobody has come for it on the last tick. Guarded by <see cref="_queue"/>.</summary>
    private bool IsToStart()
    {
        bool start = _idle && !_called && _packets.Count > 0 && !IsRefilling();
        _called |= start;
        return start;
    }

    private void Start(bool start)
    {
        if (start)
        {
            _ready?.Invoke();
        }
    }
}
