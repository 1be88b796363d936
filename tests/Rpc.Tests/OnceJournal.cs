using System.Text.Json;

namespace Bridge.Rpc.Tests;

/// <summary>
/// The page's journal of once-only calls, as docs/rpc.md §5 wants it and src/Client keeps it, without its bounds. It may be
/// handed from one <see cref="PagePeer"/> to its successor. May be used from any thread.
/// </summary>
internal sealed class OnceJournal
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OnceContext> _calls = [];
    private readonly HashSet<string> _acknowledged = [];

    /// <summary>Calls that run, or are answered and not acknowledged.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count;
            }
        }
    }

    /// <summary>Repeated calls that were answered without running again.</summary>
    public int AnsweredCount { get; private set; }

    /// <summary>The call of this id and whether it is new; throws when it was acknowledged before.</summary>
    public (OnceContext Call, bool IsNew) Enter(string callId, RpcContext request)
    {
        lock (_gate)
        {
            if (_acknowledged.Contains(callId))
            {
                var data = JsonSerializer.SerializeToElement(new { reason = "acknowledged" });
                throw new RpcException(RpcErrorCode.Duplicate, "This call was acknowledged before; it is not run again.", data);
            }

            if (_calls.TryGetValue(callId, out var known))
            {
                AnsweredCount++;
                return (known, false);
            }

            var call = new OnceContext(callId, request);
            _calls.Add(callId, call);
            return (call, true);
        }
    }

    /// <summary>Drops a result, or cancels a run; the id is remembered.</summary>
    public void Acknowledge(string callId)
    {
        OnceContext? call;
        lock (_gate)
        {
            if (!_calls.Remove(callId, out call))
            {
                return;
            }

            _acknowledged.Add(callId);
        }

        call.Cancel();
    }
}
