namespace Bridge.Limits;

/// <summary>
/// The memory of one call for data from outside. A buffer takes its bytes before it keeps them (<see cref="TryTake"/>), and gives
/// them back; what grows by the model's words is reported (<see cref="Tell"/>). Disposal gives all of it back. May be used from any thread.
/// </summary>
/// <param name="budget">The host's.</param>
/// <param name="fixedBytes">The growth for this call.</param>
/// <param name="bound">The bound of all calls after a buffer of this one took its bytes.</param>
internal sealed class CallMemory(MemoryBudget budget, long fixedBytes, long bound) : IDisposable
{
    private readonly Lock _gate = new();
    private long _taken;
    private long _told;
    private bool _over;

    /// <summary>Bytes that the call holds, beside what every call does.</summary>
    public long Held
    {
        get
        {
            lock (_gate)
            {
                return _taken + _told;
            }
        }
    }

    /// <summary>Takes bytes; false, and nothing is taken, when the call or the host would hold more than it may.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (_over || _taken + _told + bytes > budget.MaxOfCall || !budget.TryAdd(bytes, bound))
            {
                return false;
            }

            _taken += bytes;
            return true;
        }
    }

    /// <summary>Gives back bytes that were taken.</summary>
    public void Return(long bytes)
    {
        lock (_gate)
        {
            if (!_over)
            {
                _taken -= bytes;
                budget.Add(-bytes);
            }
        }
    }

    /// <summary>The conversation holds this many bytes now. False when the call holds more than it may.</summary>
    public bool Tell(long bytes)
    {
        lock (_gate)
        {
            if (_over)
            {
                return true;
            }

            budget.Add(bytes - _told);
            _told = bytes;
            return _taken + _told <= budget.MaxOfCall;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_over)
            {
                _over = true;
                budget.Add(-_taken - _told - fixedBytes);
            }
        }
    }
}
