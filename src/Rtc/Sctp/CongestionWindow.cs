namespace Bridge.Rtc.Sctp;

/// <summary>
/// How many bytes may be in flight (RFC 9260 §7.2), and how many packets may leave in one go.
/// </summary>
/// <remarks>
/// Two departures from the RFC's numbers. The first window is 24 packets instead of 4,404 bytes: a 16 KB message leaves
/// in one flight, and 24 packets still fit a browser's 64 kB socket buffer. Slow start counts the bytes acknowledged,
/// not one packet per SACK, because one SACK may cover a whole batch of packets.
/// The burst allowance keeps a large window from emptying itself into a socket buffer at once, which is where the
/// one-second outliers of other implementations come from.
/// </remarks>
internal sealed class CongestionWindow(int packetSize)
{
    private const int InitialPackets = 24;

    /// <summary>
    /// 35 packets. Chromium asks for a socket buffer of 64 kB; Linux doubles it and counts 2,304 bytes for a packet of ours, 832
    /// for a SACK: what is under way and the SACKs of what the browser sends must fit while its network thread does something else.
    /// </summary>
    private const int LargestWindowOnShortPaths = 40 * 1024;
    private const int LargestWindow = 512 * 1024;
    private const int LargestBurst = 32;
    private const int PacketsPerMillisecond = 16;

    private long _threshold = long.MaxValue;
    private long _partial;
    private double _allowance = LargestBurst;
    private Instant _refilled;

    /// <summary>The window in bytes.</summary>
    public long Size { get; private set; } = (long)InitialPackets * packetSize;

    private long Floor => 4L * packetSize;

    /// <summary>Grows after an acknowledgement outside of fast recovery (§7.2.1, §7.2.2).</summary>
    public void Acknowledged(int bytes, long flightBefore, long pathCapacity)
    {
        _allowance = Math.Min(LargestBurst, _allowance + Math.Max(1, 2.0 * bytes / packetSize));

        // A window that wasn't used says nothing about the path.
        if (flightBefore + packetSize < Size)
        {
            return;
        }

        if (Size <= _threshold)
        {
            Size += bytes;
        }
        else
        {
            _partial += bytes;
            if (_partial >= Size)
            {
                _partial -= Size;
                Size += packetSize;
            }
        }

        Size = Math.Min(Size, Math.Clamp(pathCapacity, LargestWindowOnShortPaths, LargestWindow));
    }

    /// <summary>Halves once per window in which chunks were found lost (§7.2.3).</summary>
    public void Lost()
    {
        _threshold = Math.Max(Size / 2, Floor);
        Size = _threshold;
        _partial = 0;
    }

    /// <summary>Starts again from one packet after T3-rtx expired (§7.2.3).</summary>
    public void TimedOut()
    {
        _threshold = Math.Max(Size / 2, Floor);
        Size = packetSize;
        _partial = 0;
    }

    /// <summary>Starts anew on another path.</summary>
    public void Reset()
    {
        Size = (long)InitialPackets * packetSize;
        _threshold = long.MaxValue;
        _partial = 0;
    }

    /// <summary>Whether another packet may leave now; otherwise ask again at <see cref="NextBurst"/>.</summary>
    public bool MayBurst(Instant now)
    {
        double refill = (now - _refilled).TotalMilliseconds * PacketsPerMillisecond;
        _refilled = now;
        _allowance = Math.Min(LargestBurst, _allowance + Math.Max(0, refill));
        return _allowance >= 1;
    }

    public void PacketSent() => _allowance--;

    /// <summary>When half a burst may leave again.</summary>
    public static Instant NextBurst(Instant now) => now + TimeSpan.FromMilliseconds(1);
}
