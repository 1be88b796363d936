namespace Bridge.Roles.Loading;

/// <summary>
/// Decides when a burst of file events is over. Editors write in several steps, so the files are read once they were quiet
/// for a moment; errors are held a little longer, because a half-written file looks like one. All of it stays within a second.
/// </summary>
internal sealed class ReloadSchedule
{
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(120);
    public static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan ErrorsHeld = TimeSpan.FromMilliseconds(450);

    private TimeSpan? _first;
    private TimeSpan _last;
    private TimeSpan _taken;

    /// <summary>When to read; null when nothing happened.</summary>
    public TimeSpan? Due => _first is { } first ? Earlier(_last + Quiet, first + MaxWait) : null;

    /// <summary>A file event.</summary>
    public void Touch(TimeSpan now)
    {
        _first ??= now;
        _last = now;
    }

    /// <summary>True when the files should be read now; events from here on are a new burst.</summary>
    /// <param name="now">The time.</param>
    /// <param name="holdErrors">Whether errors are still to be held back.</param>
    public bool TryTake(TimeSpan now, out bool holdErrors)
    {
        holdErrors = false;
        if (Due is not { } due || now < due)
        {
            return false;
        }

        _taken = _first!.Value;
        _first = null;
        holdErrors = now - _taken < ErrorsHeld;
        return true;
    }

    /// <summary>After a reading that held errors back: the burst is not over.</summary>
    public void Held(TimeSpan now)
    {
        _first = _taken;
        _last = now;
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
