namespace Bridge.Audio.Playout;

/// <summary>
/// The RTP clock of a playout: one packet a step while it plays, the time that has passed after a silence (RFC 3550 §5.1).
/// </summary>
internal sealed class PlayoutTimeline(uint first, int clockRate)
{
    private const int MaxStep = PacketClock.MaxBurst + 1; // ticks; beyond it the clock has left some out
    private readonly int _ticksPerFrame = clockRate / 50;
    private TimeSpan _lastTake;
    private bool _taken;

    /// <summary>Longest time between two packets that is no silence.</summary>
    internal static TimeSpan LongestStep { get; } = MaxStep * PacketClock.Period;

    /// <summary>Of the packet taken last.</summary>
    internal ExtendedTimestamp Timestamp { get; private set; } = new(first);

    /// <summary>Moves to the packet that is taken now. True: there was a silence before it.</summary>
    internal bool Step(TimeSpan now, bool playing)
    {
        bool jump = false;
        if (_taken)
        {
            long passed = (long)((now - _lastTake).TotalSeconds * clockRate);
            jump = !playing || passed > MaxStep * _ticksPerFrame;
            Timestamp += jump ? Math.Max(_ticksPerFrame, passed) : _ticksPerFrame;
        }

        _taken = true;
        _lastTake = now;
        return jump;
    }

    /// <summary>Whether a silence has begun since the packet taken last.</summary>
    internal bool IsOver(TimeSpan now) => now - _lastTake > LongestStep;

    /// <summary>A timestamp that the listener reports; false when nothing can have been heard at it.</summary>
    internal bool TryNearest(uint rtpTimestamp, out ExtendedTimestamp timestamp)
    {
        timestamp = Timestamp.Nearest(rtpTimestamp);
        return _taken && timestamp - Timestamp <= _ticksPerFrame + clockRate;
    }
}
