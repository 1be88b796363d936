using Bridge.Rtc;

namespace Bridge.Downlink;

/// <summary>When the next step up may be tried: soon at first, and twice as late after each failure.</summary>
internal sealed class ProbeTimes
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(32);
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromSeconds(3);

    // A step that has to be taken back so soon was a mistake.
    private static readonly TimeSpan Trial = TimeSpan.FromSeconds(15);

    private TimeSpan _patience = First;
    private Instant? _climbed;

    /// <summary>Not before this.</summary>
    public Instant Next { get; private set; }

    /// <summary>A probe filled a queue.</summary>
    public void Failed(Instant now)
    {
        _patience = _patience * 2 < Most ? _patience * 2 : Most;
        Next = now + _patience;
    }

    /// <summary>A step up was taken.</summary>
    public void Climbed(Instant now)
    {
        _climbed = now;
        Next = now + BetweenSteps;
    }

    /// <summary>A step down was taken.</summary>
    public void Fell(Instant now)
    {
        if (_climbed is { } climbed && now - climbed < Trial)
        {
            Failed(now);
        }
        else
        {
            _patience = First;
            Next = now + _patience;
        }

        _climbed = null;
    }
}
