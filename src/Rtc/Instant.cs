namespace Bridge.Rtc;

/// <summary>
/// A point of a monotonic clock in ticks of 100 ns. The origin is arbitrary, so only differences mean something:
/// nothing in this assembly may treat zero as "never" or expect a small number.
/// </summary>
/// <param name="Ticks">Ticks of 100 ns since the clock's arbitrary origin.</param>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    private const long Step = 50 * TimeSpan.TicksPerMillisecond;

    /// <summary>Later than every instant a clock can show; the "no deadline" of <see cref="Deadline.Never"/>.</summary>
    public static Instant Distant => new(long.MaxValue);

    /// <summary>
    /// The instant that lies <paramref name="span"/> after <paramref name="instant"/>; never wraps past <see cref="Distant"/>.
    /// </summary>
    public static Instant operator +(Instant instant, TimeSpan span)
    {
        long sum = unchecked(instant.Ticks + span.Ticks);
        return span.Ticks > 0 && sum < instant.Ticks ? Distant : new Instant(sum);
    }

    /// <summary>The instant that lies <paramref name="span"/> before <paramref name="instant"/>.</summary>
    public static Instant operator -(Instant instant, TimeSpan span) => new(instant.Ticks - span.Ticks);

    /// <summary>The time from <paramref name="earlier"/> to <paramref name="later"/>.</summary>
    public static TimeSpan operator -(Instant later, Instant earlier) => new(later.Ticks - earlier.Ticks);

    /// <summary>Whether <paramref name="left"/> is before <paramref name="right"/>.</summary>
    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    /// <summary>Whether <paramref name="left"/> is after <paramref name="right"/>.</summary>
    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    /// <summary>Whether <paramref name="left"/> is not after <paramref name="right"/>.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    /// <summary>Whether <paramref name="left"/> is not before <paramref name="right"/>.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    /// <summary>The earlier of the two.</summary>
    public static Instant Min(Instant left, Instant right) => left.Ticks <= right.Ticks ? left : right;

    /// <summary>
    /// The first moment from this one on that is a whole multiple of 50 ms. Timers that are in no hurry are set to such
    /// moments, so that a host of a thousand quiet peers wakes once for many of them.
    /// </summary>
    internal Instant Unhurried
    {
        get
        {
            long over = Ticks % Step;
            return over == 0 || this == Distant ? this : this + new TimeSpan(over > 0 ? Step - over : -over);
        }
    }

    /// <summary>Orders by time.</summary>
    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);
}
