using Bridge.Rtc;

namespace Bridge.Trail;

/// <summary>At most one line a second of what the remote side may bring about as often as it likes; the others are counted.</summary>
internal struct LineLimit
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private Instant _notBefore;
    private int _leftOut;

    /// <summary>Whether it is time for a line.</summary>
    /// <param name="now">The peer's time.</param>
    /// <param name="leftOut">Lines that were left out since the last one.</param>
    public bool Takes(Instant now, out int leftOut)
    {
        leftOut = _leftOut;
        if (now < _notBefore)
        {
            _leftOut++;
            return false;
        }

        (_notBefore, _leftOut) = (now + Interval, 0);
        return true;
    }
}
