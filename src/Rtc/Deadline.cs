namespace Bridge.Rtc;

/// <summary>When an owner wants to be advanced again, and why.</summary>
/// <param name="At">The instant at or after which to call; <see cref="Instant.Distant"/> when nothing is due.</param>
/// <param name="Why">The timer that asks for it.</param>
public readonly record struct Deadline(Instant At, DeadlineReason Why)
{
    /// <summary>Nothing is due until something is received or asked for.</summary>
    public static Deadline Never => new(Instant.Distant, DeadlineReason.None);

    /// <summary>The earlier deadline; the left one when both are due together.</summary>
    public static Deadline Earliest(Deadline left, Deadline right) => left.At <= right.At ? left : right;
}
