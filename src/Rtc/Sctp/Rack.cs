namespace Bridge.Rtc.Sctp;

/// <summary>
/// RACK, the time-based detection of losses (RFC 8985 §6): a chunk is lost when one sent after it was acknowledged and the
/// reordering window is over. It covers lost retransmissions and flights too short for three miss indications.
/// </summary>
internal sealed class Rack(RoundTripEstimator roundTrip)
{
    private const int MaxMultiplier = 8;
    private const int MissIndicationsOfLoss = 3;

    // RFC 8985 §6.2, reo_wnd_persist: after so many recoveries the window is the narrow one again.
    private const int MaxRecoveries = 16;

    private bool _started;
    private Instant _xmitTime;
    private Tsn _tsn;
    private TimeSpan _rtt;
    private int _windowMultiplier = 1;
    private int _recoveryCount;

    /// <summary>Whether anything was acknowledged yet.</summary>
    public bool IsStarted => _started;

    /// <summary>How long after its transmission a chunk that was overtaken is lost: RACK.rtt and the reordering window.</summary>
    public TimeSpan Timeout
    {
        get
        {
            long quarter = (roundTrip.Smoothed ?? TimeSpan.Zero).Ticks / 4;
            return _rtt + TimeSpan.FromTicks(Math.Max(quarter, TimeSpan.TicksPerMillisecond) * _windowMultiplier);
        }
    }

    /// <summary>Takes a chunk that was acknowledged for the first time (RFC 8985 §6.2, steps 1 and 2).</summary>
    public void Acknowledged(Instant now, in SentChunk chunk, Tsn tsn)
    {
        TimeSpan taken = now - chunk.SentAt;
        if (chunk.Transmissions > 1 && taken < roundTrip.Shortest)
        {
            // Too soon to be the answer to the repetition: it says nothing of when the chunk arrived.
            return;
        }

        if (!_started || chunk.SentAt > _xmitTime || (chunk.SentAt == _xmitTime && tsn > _tsn))
        {
            _started = true;
            _xmitTime = chunk.SentAt;
            _tsn = tsn;
            _rtt = taken;
        }
    }

    /// <summary>Whether a chunk was sent before the newest one that was acknowledged.</summary>
    public bool WasSentBefore(in SentChunk chunk, Tsn tsn) => chunk.SentAt < _xmitTime || (chunk.SentAt == _xmitTime && tsn < _tsn);

    /// <summary>
    /// Whether three miss indications say that a chunk is lost (RFC 9260 §7.2.4). They count while no chunk was found to have
    /// been overtaken of late.
    /// </summary>
    public bool IsReported(in SentChunk chunk) =>
        chunk.Missing >= MissIndicationsOfLoss && chunk.Transmissions == 1 && _windowMultiplier == 1;

    /// <summary>A chunk arrived twice: it was taken for lost too soon, so the window widens.</summary>
    public void WidenWindow() => _windowMultiplier = Math.Min(_windowMultiplier + 1, MaxMultiplier);

    /// <summary>A recovery begins.</summary>
    public void CountRecovery()
    {
        if (++_recoveryCount % MaxRecoveries == 0)
        {
            _windowMultiplier = 1;
        }
    }
}
