namespace Bridge.Rtc.Sctp;

/// <summary>
/// Holds DATA to what audio leaves of a rate that is set from outside, where a path is known to be narrow: congestion control finds out
/// by filling its queue, which all else on the path then waits in.
/// </summary>
internal sealed class DataPace
{
    // IPv4, UDP and DTLS around a packet of SCTP.
    private const int Around = 20 + 8 + 37;

    // A shorter one would carry little but headers.
    private const int MinPayload = 48;

    private const int MinBytesPerSecond = 100;
    private const double MinShare = 0.03; // a rate that was taken for too narrow leaves data this much all the same
    private static readonly TimeSpan MaxDebt = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxOwnDebt = TimeSpan.FromSeconds(1);

    private double _bytesPerTick; // 0: no limit
    private double _credit; // of the whole rate; never above 0, for a burst is what the limit is against
    private double _ownBytesPerTick; // what data gets in any case
    private double _ownCredit; // of that; what a burst in a pause took is owed for a second at most
    private int _sentSinceAudio;
    private Instant _counted;

    /// <summary>The path is narrow.</summary>
    public bool IsLimited => _bytesPerTick > 0;

    /// <summary>The longest user data of a new chunk, bytes.</summary>
    public int MaxPayload { get; private set; } = int.MaxValue;

    /// <summary>Sets the limit; null takes it away.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytesPerSecond">Of audio and data, all headers counted.</param>
    /// <param name="packet">The longest IP packet, bytes.</param>
    public void Limit(Instant now, int? bytesPerSecond, int packet)
    {
        Count(now);
        if (!IsLimited)
        {
            // Packets that left before owe nothing.
            (_credit, _ownCredit, _sentSinceAudio) = (0, 0, 0);
        }

        _bytesPerTick = (bytesPerSecond ?? 0) / (double)TimeSpan.TicksPerSecond;
        _ownBytesPerTick = Math.Max(MinBytesPerSecond, MinShare * (bytesPerSecond ?? 0)) / TimeSpan.TicksPerSecond;
        MaxPayload = bytesPerSecond is null
            ? int.MaxValue
            : Math.Max(MinPayload, packet - Around - PacketWriter.HeaderSize - DataChunk.Overhead) & ~3;
    }

    /// <summary>Whether a packet may leave now.</summary>
    public bool MayLeave(Instant now)
    {
        Count(now);
        return _bytesPerTick == 0 || _credit >= 0 || _ownCredit >= 0;
    }

    /// <summary>When the next one may; a millisecond from now at the earliest.</summary>
    public Instant NextAt(Instant now)
    {
        double wait = _bytesPerTick == 0 ? 0 : Math.Min(-_credit / _bytesPerTick, -_ownCredit / _ownBytesPerTick);
        return now + TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, (long)wait + 1));
    }

    /// <summary>A packet of data left.</summary>
    /// <param name="length">Bytes of SCTP.</param>
    public void Sent(int length)
    {
        int size = length + Around;
        _credit -= size;
        _ownCredit = Math.Max(_ownCredit - size, -Math.Max(size, MaxOwnDebt.Ticks * _ownBytesPerTick));
        _sentSinceAudio += size;
    }

    /// <summary>A packet of audio left.</summary>
    /// <param name="now">The time.</param>
    /// <param name="length">Its bytes and those of all that left since the one before, data among it; all headers counted.</param>
    public void AudioSent(Instant now, int length)
    {
        Count(now);
        _credit -= Math.Max(0, length - _sentSinceAudio);
        _sentSinceAudio = 0;
    }

    private void Count(Instant now)
    {
        double passed = Math.Max(0, (now - _counted).Ticks);
        _credit = Math.Clamp(_credit + (passed * _bytesPerTick), -MaxDebt.Ticks * _bytesPerTick, 0);
        _ownCredit = Math.Min(_ownCredit + (passed * _ownBytesPerTick), 0);
        _counted = now;
    }
}
