using System.Diagnostics;
using Bridge.Rtc;

namespace Bridge.Timing;

/// <summary>The one clock that peers, playout and reorder buffers are driven by.</summary>
internal static class MonotonicClock
{
    /// <summary>Time since an arbitrary origin.</summary>
    public static TimeSpan Elapsed => Stopwatch.GetElapsedTime(0);

    /// <summary>The same moment in the peer's type.</summary>
    public static Instant Now => new(Elapsed.Ticks);
}
