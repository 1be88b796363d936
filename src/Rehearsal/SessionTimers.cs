namespace Bridge.Rehearsal;

/// <summary>The pending work of a session, in order of time and then of request.</summary>
internal sealed class SessionTimers
{
    private readonly PriorityQueue<Action<TimeSpan>, (TimeSpan At, long Order)> _queue = new();
    private long _order;

    public TimeSpan? Next => _queue.TryPeek(out _, out var key) ? key.At : null;

    /// <summary>Does <paramref name="action"/> at <paramref name="at"/>; it is given that time, not the later real one.</summary>
    public void Add(TimeSpan at, Action<TimeSpan> action) => _queue.Enqueue(action, (at, _order++));

    public void Run(TimeSpan now)
    {
        while (_queue.TryPeek(out var action, out var key) && key.At <= now)
        {
            _queue.Dequeue();
            action(key.At);
        }
    }
}
