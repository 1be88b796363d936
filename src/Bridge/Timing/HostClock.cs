using Bridge.Rtc;

namespace Bridge.Timing;

/// <summary>
/// The one clock of a host. Peers, calls, playout and reorder buffers are driven by its time, which begins when the host
/// does; timers and the date come from the same <see cref="TimeProvider"/>.
/// </summary>
internal sealed class HostClock(TimeProvider time, CallbackGuard guard)
{
    /// <summary>Where the time comes from.</summary>
    public TimeProvider Time => time;

    /// <summary>Catches what timers of this host throw.</summary>
    public CallbackGuard Guard => guard;

    /// <summary>The provider's timestamp at which <see cref="Elapsed"/> is zero.</summary>
    public long Origin { get; } = time.GetTimestamp();

    /// <summary>Time since the host began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(Origin);

    /// <summary>The same moment in the peers' type.</summary>
    public Instant Now => new(Elapsed.Ticks);

    /// <summary>The date and the time of day.</summary>
    public DateTimeOffset UtcNow => time.GetUtcNow();

    /// <summary>A timer that is not set yet. An exception of its callback is logged once and ends nothing.</summary>
    /// <param name="name">Names the callback in the log.</param>
    /// <param name="callback">Called on a pool thread, or by the test that moves virtual time on.</param>
    public ITimer CreateTimer(string name, Action callback) =>
        time.CreateTimer(_ => guard.Run(name, callback), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
