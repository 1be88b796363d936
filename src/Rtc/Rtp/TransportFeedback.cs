using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>
/// Notes when packets with a transport-wide sequence number arrived and reports it; draft-holmer-rmcat-transport-wide-cc-extensions-01
/// §3.
/// </summary>
internal sealed class TransportFeedback
{
    private const int Capacity = 64;
    private const int HeaderSize = 8;

    // The widest span one report covers; after a longer gap a new one begins.
    private const int MaxSpan = 256;

    private const int TypicalSize = 80; // of a datagram with a report in it
    private const double MaxShare = 0.05;
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(500);

    private readonly (ExtendedSequence Extended, Instant Arrival)[] _arrivals = new (ExtendedSequence, Instant)[Capacity];
    private readonly Instant _origin;
    private int _count;
    private ExtendedSequence _highest;
    private bool _started;
    private byte _reportCount;
    private TimeSpan _interval = ShortestInterval;

    public TransportFeedback(Instant origin) => _origin = origin;

    public Instant NextDue { get; private set; } = Instant.Distant;

    /// <summary>Bytes the longest report can take.</summary>
    public static int MaxSize => HeaderSize + (((MaxSpan / 7) + 1) * 2) + (Capacity * 2) + 3;

    /// <summary>Reports take no more than a twentieth of the way back.</summary>
    /// <param name="rate">Its bytes a second; null when it is not known to be narrow.</param>
    public void FitTo(int? rate)
    {
        TimeSpan interval = rate is { } bytes and > 0 ? TimeSpan.FromSeconds(TypicalSize / (MaxShare * bytes)) : TimeSpan.Zero;
        _interval = interval < ShortestInterval ? ShortestInterval : interval > LongestInterval ? LongestInterval : interval;
    }

    public void Note(Instant now, SequenceNumber sequence)
    {
        ExtendedSequence extended = _started ? _highest.Nearest(sequence) : ExtendedSequence.First(sequence);
        if (_count > 0 && _arrivals[_count - 1].Extended - extended >= MaxSpan)
        {
            // Too late to be of use to anybody.
            return;
        }

        if (_count > 0 && extended - _arrivals[0].Extended >= MaxSpan)
        {
            _count = 0;
        }

        if (_count == Capacity)
        {
            // Full before its time: the oldest arrival is least worth knowing.
            Array.Copy(_arrivals, 1, _arrivals, 0, --_count);
        }

        int at = _count;
        while (at > 0 && _arrivals[at - 1].Extended > extended)
        {
            at--;
        }

        if (at > 0 && _arrivals[at - 1].Extended == extended)
        {
            return;
        }

        Array.Copy(_arrivals, at, _arrivals, at + 1, _count - at);
        _arrivals[at] = (extended, now);
        _count++;
        _highest = _started ? ExtendedSequence.Max(_highest, extended) : extended;
        _started = true;
        if (NextDue == Instant.Distant)
        {
            NextDue = now + _interval;
        }
    }

    /// <summary>Writes the FCI and forgets what it reports.</summary>
    /// <returns>Bytes, a multiple of 4.</returns>
    public int Write(Span<byte> fci)
    {
        // base seq(16) count(16) | reference time(24, 64 ms) feedback count(8) | chunks | deltas(250 µs)
        NextDue = Instant.Distant;
        ExtendedSequence first = _arrivals[0].Extended;
        int span = (int)(_arrivals[_count - 1].Extended - first) + 1;
        BinaryPrimitives.WriteUInt16BigEndian(fci, first.Wire.Value);
        BinaryPrimitives.WriteUInt16BigEndian(fci[2..], (ushort)span);
        long quarter = Quarters(_arrivals[0].Arrival);
        long reference = quarter >> 8;
        BinaryPrimitives.WriteUInt32BigEndian(fci[4..], ((uint)reference << 8) | _reportCount++);
        int chunks = (span + 6) / 7;
        int offset = HeaderSize + (chunks * 2);
        fci[HeaderSize..offset].Clear();
        long previous = reference << 8;
        for (int i = 0; i < _count; i++)
        {
            (ExtendedSequence extended, Instant arrival) = _arrivals[i];
            long now = Quarters(arrival);
            long delta = Math.Clamp(now - previous, short.MinValue, short.MaxValue);
            previous += delta;
            int symbol;
            if (delta is >= 0 and <= 255)
            {
                symbol = 1;
                fci[offset++] = (byte)delta;
            }
            else
            {
                symbol = 2;
                BinaryPrimitives.WriteInt16BigEndian(fci[offset..], (short)delta);
                offset += 2;
            }

            // Two-bit status vector: 1|1|seven symbols.
            int position = (int)(extended - first);
            Span<byte> chunk = fci[(HeaderSize + (position / 7 * 2))..];
            int shift = 12 - (position % 7 * 2);
            BinaryPrimitives.WriteUInt16BigEndian(chunk, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(chunk) | (symbol << shift)));
        }

        for (int i = 0; i < chunks; i++)
        {
            fci[HeaderSize + (i * 2)] |= 0xC0;
        }

        while (offset % 4 != 0)
        {
            fci[offset++] = 0;
        }

        _count = 0;
        return offset;
    }

    private long Quarters(Instant instant) => (instant - _origin).Ticks / (TimeSpan.TicksPerMillisecond / 4);
}
