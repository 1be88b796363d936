namespace Bridge.Rtc.Sctp;

/// <summary>
/// How many bytes may be in flight (RFC 9260 §7.2), and how many packets may leave in one go.
/// </summary>
/// <remarks>
/// Two departures from the RFC's numbers. The first cwnd is 24 packets instead of 4,404 bytes: a 16 KB message leaves
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
    private const int MaxCwndOnShortPaths = 40 * 1024;
    private const int MaxCwnd = 512 * 1024;
    private const int MaxBurst = 32;
    private const int PacketsPerMillisecond = 16;

    // 16 packets in a round trip of 40 ms are 3.7 Mbit/s.
    private const int RandomLossPackets = 16;
    private const int RememberedPackets = 128;

    private long _ssthresh = long.MaxValue;
    private long _partialBytesAcked;
    private double _burstAllowance = MaxBurst;
    private Instant _refilled;
    private Tsn _recoveryExit;
    private long _recentlyAcked;
    private long _recentlyLost;

    /// <summary>The congestion window in bytes.</summary>
    public long Cwnd { get; private set; } = (long)InitialPackets * packetSize;

    /// <summary>Whether chunks were found lost and not everything sent before that is acknowledged yet (§7.2.4, Fast Recovery).</summary>
    public bool InFastRecovery { get; private set; }

    private long MinSsthresh => 4L * packetSize;

    // Radio loses packets without being full. Where no queue builds up and no more than every third packet is lost, the loss says little.
    private bool IsRandom(bool queueing) => !queueing && 3 * _recentlyLost <= _recentlyAcked + _recentlyLost;

    /// <summary>Grows after an acknowledgement outside of fast recovery (§7.2.1, §7.2.2).</summary>
    public void Acknowledged(int bytes, long flightSizeBefore, long pathCapacity)
    {
        _recentlyAcked += bytes;
        Forget();
        if (InFastRecovery)
        {
            return;
        }

        _burstAllowance = Math.Min(MaxBurst, _burstAllowance + Math.Max(1, 2.0 * bytes / packetSize));

        // A window that wasn't used says nothing about the path.
        if (flightSizeBefore + packetSize < Cwnd)
        {
            return;
        }

        if (Cwnd <= _ssthresh)
        {
            Cwnd += bytes;
        }
        else
        {
            _partialBytesAcked += bytes;
            if (_partialBytesAcked >= Cwnd)
            {
                _partialBytesAcked -= Cwnd;
                Cwnd += packetSize;
            }
        }

        Cwnd = Math.Min(Cwnd, Math.Clamp(pathCapacity, MaxCwndOnShortPaths, MaxCwnd));
    }

    /// <summary>Chunks were found lost.</summary>
    public void Lost(int bytes)
    {
        _recentlyLost += bytes;
        Forget();
    }

    /// <summary>
    /// Halves once per window in which chunks were found lost (§7.2.3); falls to no less than 16 packets where the losses are random.
    /// </summary>
    /// <param name="exit">The last TSN sent: its cumulative acknowledgement ends the recovery.</param>
    /// <param name="queueing">Whether packets wait in a queue of the path.</param>
    public void EnterFastRecovery(Tsn exit, bool queueing)
    {
        InFastRecovery = true;
        _recoveryExit = exit;
        long floor = IsRandom(queueing) ? Math.Min(Cwnd, RandomLossPackets * (long)packetSize) : MinSsthresh;
        _ssthresh = Math.Max(Cwnd / 2, floor);
        Cwnd = _ssthresh;
        _partialBytesAcked = 0;
    }

    /// <summary>Leaves fast recovery when the exit point is acknowledged.</summary>
    /// <param name="first">The first TSN not acknowledged.</param>
    public void AcknowledgedUpTo(Tsn first) => InFastRecovery &= first <= _recoveryExit;

    /// <summary>Starts again from one packet after T3-rtx expired (§7.2.3); from four where the losses are random.</summary>
    /// <param name="queueing">Whether packets wait in a queue of the path.</param>
    public void TimedOut(bool queueing)
    {
        bool random = IsRandom(queueing);
        InFastRecovery = false;
        _ssthresh = Math.Max(Cwnd / 2, random ? RandomLossPackets * (long)packetSize : MinSsthresh);
        Cwnd = random ? MinSsthresh : packetSize;
        _partialBytesAcked = 0;
    }

    /// <summary>Starts anew on another path.</summary>
    public void Reset()
    {
        InFastRecovery = false;
        Cwnd = (long)InitialPackets * packetSize;
        _ssthresh = long.MaxValue;
        _partialBytesAcked = 0;
        _recentlyAcked = 0;
        _recentlyLost = 0;
    }

    /// <summary>Whether another packet may leave now; otherwise ask again in a millisecond.</summary>
    public bool MayBurst(Instant now)
    {
        double refill = (now - _refilled).TotalMilliseconds * PacketsPerMillisecond;
        _refilled = now;
        _burstAllowance = Math.Min(MaxBurst, _burstAllowance + Math.Max(0, refill));
        return _burstAllowance >= 1;
    }

    public void PacketSent() => _burstAllowance--;

    private void Forget()
    {
        if (_recentlyAcked + _recentlyLost > (long)RememberedPackets * packetSize)
        {
            _recentlyAcked /= 2;
            _recentlyLost /= 2;
        }
    }
}
