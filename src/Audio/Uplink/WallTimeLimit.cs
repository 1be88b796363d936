namespace Bridge.Audio.Uplink;

/// <summary>
/// Bounds what an uplink gives out to the time that has passed since its first sample, plus an allowance. The sender's
/// timestamps have no say in it: a model bills each second that it is sent.
/// </summary>
/// <remarks>Time is the caller's, from any origin. One owner; no lock inside.</remarks>
internal sealed class WallTimeLimit
{
    // Largest lead of the audio over the time that has passed since the first packet. Audio beyond it is dropped and counted:
    // a sender whose timestamps run ahead must not cost more than real time.
    private static readonly TimeSpan MaxAhead = TimeSpan.FromSeconds(2);

    private readonly int _sampleRate;
    private TimeSpan _start;
    private bool _started;
    private long _granted;

    /// <param name="sampleRate">Of the samples that are counted, in Hz.</param>
    internal WallTimeLimit(int sampleRate) => _sampleRate = sampleRate;

    /// <summary>Samples that were refused so far.</summary>
    internal long Refused { get; private set; }

    /// <summary>Takes samples into account.</summary>
    /// <param name="now">The time.</param>
    /// <param name="samples">How many samples there are to give out.</param>
    /// <returns>How many of them may be given out; the rest is to be dropped.</returns>
    internal int Grant(TimeSpan now, int samples)
    {
        if (!_started)
        {
            _started = true;
            _start = now;
        }

        long room = ToSamples(MaxAhead + (now - _start)) - _granted;
        int granted = (int)Math.Clamp(room, 0, samples);
        _granted += granted;
        Refused += samples - granted;
        return granted;
    }

    private long ToSamples(TimeSpan time) => Math.Max(0, time.Ticks) * _sampleRate / TimeSpan.TicksPerSecond;
}
