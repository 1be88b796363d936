using System.Collections.Concurrent;

namespace Bridge.Calls;

/// <summary>
/// Exceptions that the handlers of one call's page let out: the first of each method is logged, all are counted
/// (<see cref="Rpc.RpcStats.Faults"/>), so that a page can't fill the log. May be used from any thread.
/// </summary>
internal sealed class HandlerDefects
{
    private readonly ConcurrentDictionary<string, byte> _told = new(StringComparer.Ordinal);

    /// <summary>Logs a defect when it is the first of its method in this call.</summary>
    public void Tell(ILogger logger, string callId, string method, Exception defect)
    {
        if (_told.TryAdd(method, 0))
        {
            Log.HandlerFailed(logger, callId, method, defect);
        }
    }
}
