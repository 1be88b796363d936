namespace Bridge.Realtime.Turns;

/// <summary>The machine's deadlines: one per <see cref="TurnTimer"/>, no allocation.</summary>
internal sealed class TurnTimers
{
    private readonly TimeSpan[] _at = new TimeSpan[Enum.GetValues<TurnTimer>().Length];

    public TurnTimers() => ClearAll();

    /// <summary>The earliest deadline; null: none is set.</summary>
    public TimeSpan? Next
    {
        get
        {
            var next = TimeSpan.MaxValue;
            foreach (var at in _at)
            {
                next = at < next ? at : next;
            }

            return next == TimeSpan.MaxValue ? null : next;
        }
    }

    /// <summary>The one timer, for the part that owns it.</summary>
    public Deadline Own(TurnTimer timer) => new(_at, (int)timer);

    /// <summary>Stops every timer.</summary>
    public void ClearAll() => Array.Fill(_at, TimeSpan.MaxValue);

    /// <summary>Takes the earliest timer that is due; of two at the same time the one named first.</summary>
    public bool TryTakeDue(TimeSpan now, out TurnTimer timer)
    {
        var best = 0;
        for (var i = 1; i < _at.Length; i++)
        {
            if (_at[i] < _at[best])
            {
                best = i;
            }
        }

        timer = (TurnTimer)best;
        if (_at[best] > now)
        {
            return false;
        }

        _at[best] = TimeSpan.MaxValue;
        return true;
    }
}
