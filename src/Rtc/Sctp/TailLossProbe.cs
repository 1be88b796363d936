namespace Bridge.Rtc.Sctp;

/// <summary>
/// TLP (RFC 8985 §7): when the SACK of the last packet is overdue, a chunk is sent again, so that a loss of the tail shows
/// before T3-rtx expires. Unlike there, up to four times, the later ones farther apart (as QUIC's PTO, RFC 9002 §6.2).
/// </summary>
internal sealed class TailLossProbe(RoundTripEstimator roundTrip)
{
    private const int MaxProbes = 4;

    private Instant _lastSentAt;
    private int _probeCount;
    private int _expectedDuplicateCount;

    /// <summary>The PTO: when a probe is due.</summary>
    public Instant PtoAt { get; private set; } = Instant.Distant;

    /// <summary>Whether the next packet is to be a probe.</summary>
    public bool IsDue { get; private set; }

    public void PacketSent(Instant now) => _lastSentAt = now;

    /// <summary>
    /// Counts the PTO from the last packet sent, which asked for a prompt SACK: an acknowledgement of earlier ones changes nothing.
    /// </summary>
    /// <param name="outstanding">Whether something is in flight.</param>
    public void Arm(bool outstanding) => PtoAt = outstanding && _probeCount < MaxProbes
        ? _lastSentAt + (roundTrip.ProbeTimeout * (1 << Math.Max(0, _probeCount - 1)))
        : Instant.Distant;

    public void RunTimer(Instant now, bool outstanding)
    {
        if (PtoAt <= now)
        {
            PtoAt = Instant.Distant;
            IsDue = outstanding;
        }
    }

    /// <summary>The probe that was due is handled.</summary>
    /// <param name="sent">Whether a chunk was sent again.</param>
    /// <param name="duplicates">Whether the receiver may have that chunk, and report it as a duplicate.</param>
    public void Done(bool sent, bool duplicates)
    {
        IsDue = false;
        _probeCount += sent ? 1 : 0;
        _expectedDuplicateCount += duplicates ? 1 : 0;
    }

    /// <summary>Something new was acknowledged.</summary>
    public void Acknowledged() => _probeCount = 0;

    /// <summary>Whether duplicates that a SACK reports come from probes.</summary>
    public bool Explains(int duplicates)
    {
        bool explained = duplicates <= _expectedDuplicateCount;
        _expectedDuplicateCount = Math.Max(0, _expectedDuplicateCount - duplicates);
        return explained;
    }

    /// <summary>Everything is taken for lost: there is no tail to ask about.</summary>
    public void Cancel()
    {
        IsDue = false;
        PtoAt = Instant.Distant;
    }

    public void Stop() => PtoAt = Instant.Distant;
}
