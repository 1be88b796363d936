namespace Bridge.Audio.Playout;

/// <summary>
/// Which stretch of the RTP timeline carried which stretch of which item. Packets that continue each other share one
/// entry, so that 64 entries reach back over many minutes.
/// </summary>
internal sealed class PlayoutHistory(int clockRate)
{
    private const int Capacity = 64;
    private const long ModelRate = 24000;

    private readonly Run[] _runs = new Run[Capacity];
    private long _count;

    private ref Run Last => ref _runs[(_count - 1) % Capacity];

    /// <summary>Notes a packet that was handed out.</summary>
    /// <param name="timestamp">Its RTP timestamp.</param>
    /// <param name="item">The item in it.</param>
    /// <param name="start">Offset of its first sample in the item, 24 kHz.</param>
    /// <param name="length">Samples of the item in it, 24 kHz; padding not counted.</param>
    /// <param name="delay">Samples of 24 kHz by which the codec delays it.</param>
    internal void Add(ExtendedTimestamp timestamp, PlayoutItem item, long start, int length, int delay)
    {
        // A sample that leaves the decoder at a timestamp went into the encoder that much earlier.
        timestamp += ToClock(delay);
        if (_count > 0 && Last.Item == item && Last.Start + Last.Length == start
            && Last.Timestamp + ToClock(Last.Length) == timestamp)
        {
            Last.Length += length;
            return;
        }

        _runs[_count++ % Capacity] = new Run { Timestamp = timestamp, Item = item, Start = start, Length = length };
    }

    /// <summary>Finds what had been heard when the listener was at an RTP timestamp.</summary>
    internal bool TryLocate(ExtendedTimestamp timestamp, out PlayoutPosition position)
    {
        for (long i = _count - 1; i >= Math.Max(0, _count - Capacity); i--)
        {
            ref readonly Run run = ref _runs[i % Capacity];
            if (run.Timestamp < timestamp)
            {
                long samples = Math.Min((timestamp - run.Timestamp) * ModelRate / clockRate, run.Length);
                position = new PlayoutPosition(run.Item.Id, run.Item.ContentIndex, run.Start + samples);
                return true;
            }
        }

        position = default;
        return false;
    }

    private long ToClock(long samples) => samples * clockRate / ModelRate;

    /// <summary>A stretch of one item, at the timestamps at which it leaves the listener's decoder.</summary>
    private struct Run
    {
        internal ExtendedTimestamp Timestamp;
        internal PlayoutItem Item;
        internal long Start;
        internal long Length;
    }
}
