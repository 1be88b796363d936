namespace Bridge.Realtime.Turns;

/// <summary>The machine's deadlines: one per kind, no allocation.</summary>
internal struct TurnTimers
{
    private const int Count = (int)TurnTimer.Owed + 1;
    private readonly TimeSpan[] _at;

    public TurnTimers()
    {
        _at = new TimeSpan[Count];
        Array.Fill(_at, TimeSpan.MaxValue);
    }

    public readonly TimeSpan? Next
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

    public readonly bool IsSet(TurnTimer timer) => _at[(int)timer] != TimeSpan.MaxValue;

    public readonly TimeSpan At(TurnTimer timer) => _at[(int)timer];

    public readonly void Set(TurnTimer timer, TimeSpan at) => _at[(int)timer] = at;

    public readonly void Clear(TurnTimer timer) => _at[(int)timer] = TimeSpan.MaxValue;

    public readonly void ClearAll() => Array.Fill(_at, TimeSpan.MaxValue);

    /// <summary>Takes the earliest timer that is due.</summary>
    public readonly bool TryTakeDue(TimeSpan now, out TurnTimer timer)
    {
        var best = 0;
        for (var i = 1; i < Count; i++)
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
