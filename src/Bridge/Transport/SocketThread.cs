namespace Bridge.Transport;

/// <summary>
/// Work that a datagram brings and that the socket's thread does itself, once it has left the peer's gate: a packet is decoded where it
/// arrived, without a change of threads. A thread that is behind with its socket leaves the work to the pool.
/// </summary>
internal static class SocketThread
{
    [ThreadStatic]
    private static bool _takes;

    [ThreadStatic]
    private static Action? _work;

    /// <summary>Takes a piece of work for after the datagram; false on every other thread, and where the thread has one already.</summary>
    /// <param name="work">Must not wait and must not throw: the calls of a whole socket come after it.</param>
    public static bool TryTake(Action work)
    {
        if (!_takes || _work is not null)
        {
            return false;
        }

        _work = work;
        return true;
    }

    /// <summary>The calling thread is about to look at a datagram.</summary>
    /// <param name="takes">Whether it does the work that comes of it.</param>
    public static void Begin(bool takes) => _takes = takes;

    /// <summary>The datagram has been looked at, and no gate is held: does what came of it.</summary>
    public static void End()
    {
        _takes = false;
        var work = _work;
        _work = null;
        work?.Invoke();
    }
}
