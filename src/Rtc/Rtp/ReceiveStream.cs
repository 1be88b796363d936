namespace Bridge.Rtc.Rtp;

/// <summary>
/// One remote source: its highest sequence number, loss and jitter (RFC 3550 §A.1, §A.3, §A.8), and which packets were delivered.
/// </summary>
internal sealed class ReceiveStream
{
    private const int WindowSize = 128;

    private readonly ExtendedSequence _base;
    private UInt128 _delivered;
    private long _received;
    private long _expectedPrior;
    private long _receivedPrior;
    private int _lastTransit;
    private uint _jitterTimes16;
    private bool _hasTransit;

    public ReceiveStream(uint ssrc, SequenceNumber sequence)
    {
        Ssrc = ssrc;
        Highest = ExtendedSequence.First(sequence);
        _base = Highest;
    }

    public uint Ssrc { get; }

    /// <summary>The highest extended sequence number received.</summary>
    public ExtendedSequence Highest { get; private set; }

    public uint Jitter => _jitterTimes16 >> 4;

    /// <summary>Expected less received; duplicates can't be counted because SRTP drops them before.</summary>
    public long Lost => Math.Max(0, Highest - _base + 1 - _received);

    /// <summary>The middle 32 bits of the NTP time of the latest sender report; 0 before one.</summary>
    public uint LastReport { get; private set; }

    public Instant LastReportArrival { get; private set; }

    /// <summary>RTP time of the packet with sound that was delivered last.</summary>
    public RtpTimestamp AudioTimestamp { get; set; }

    /// <summary>The extended number nearest to the highest; negative when it lies before the first packet's cycle.</summary>
    public ExtendedSequence Extend(SequenceNumber sequence) => Highest.Nearest(sequence);

    /// <summary>Counts a packet that arrived.</summary>
    /// <param name="extended">Its extended sequence number.</param>
    /// <param name="timestamp">RTP time.</param>
    /// <param name="arrival">Arrival on the RTP clock; only differences count.</param>
    public void Count(ExtendedSequence extended, RtpTimestamp timestamp, RtpTimestamp arrival)
    {
        _received++;
        if (extended > Highest)
        {
            long step = extended - Highest;
            _delivered = step >= WindowSize ? UInt128.Zero : _delivered << (int)step;
            Highest = extended;
        }

        int transit = arrival - timestamp;
        if (_hasTransit)
        {
            uint difference = (uint)Math.Abs((long)transit - _lastTransit);
            _jitterTimes16 += difference - ((_jitterTimes16 + 8) >> 4);
        }

        _hasTransit = true;
        _lastTransit = transit;
    }

    /// <summary>True once per number within the last 128: the packet is to be delivered.</summary>
    public bool TryDeliver(ExtendedSequence extended)
    {
        long age = Highest - extended;
        if (age is < 0 or >= WindowSize || (_delivered >> (int)age & UInt128.One) != UInt128.Zero)
        {
            return false;
        }

        _delivered |= UInt128.One << (int)age;
        return true;
    }

    /// <summary>True for a number after the first packet that was not delivered and still could be.</summary>
    public bool IsMissing(ExtendedSequence extended)
    {
        long age = Highest - extended;
        return age is >= 0 and < WindowSize && extended >= _base && (_delivered >> (int)age & UInt128.One) == UInt128.Zero;
    }

    public void NoteReport(uint middleOfNtp, Instant arrival)
    {
        LastReport = middleOfNtp;
        LastReportArrival = arrival;
    }

    /// <summary>The fraction lost since the previous call, in 1/256; RFC 3550 §A.3.</summary>
    public byte TakeFractionLost()
    {
        long expected = Highest - _base + 1;
        long expectedNow = expected - _expectedPrior;
        long lost = expectedNow - (_received - _receivedPrior);
        _expectedPrior = expected;
        _receivedPrior = _received;
        return expectedNow <= 0 || lost <= 0 ? (byte)0 : (byte)Math.Min(255, (lost << 8) / expectedNow);
    }
}
