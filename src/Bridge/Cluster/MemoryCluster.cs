using System.Collections.Concurrent;

namespace Bridge.Cluster;

/// <summary>
/// The state that nodes share, in the memory of one process: one node without Redis, or several in a test. Guarded by its own lock.
/// </summary>
/// <param name="time">For leases and lives.</param>
/// <param name="times">The lengths of leases and lives.</param>
/// <param name="asking">For the deadlines of requests; the same when absent.</param>
internal sealed class MemoryCluster(TimeProvider time, ClusterTimes times, TimeProvider? asking = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (NodeReport Report, DateTimeOffset Until)> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);

    /// <summary>Nodes that answer requests.</summary>
    public ConcurrentDictionary<string, Func<RelayRequest, Task<RelayReply>>> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Measures the deadlines of requests.</summary>
    public TimeProvider AskTime => asking ?? time;

    public bool RenewLease(string node, NodeReport report)
    {
        lock (_gate)
        {
            var held = Lease(node) > TimeSpan.Zero;
            _nodes[node] = (report, time.GetUtcNow() + times.Lease);
            return held;
        }
    }

    public void Leave(string node)
    {
        lock (_gate)
        {
            _nodes.Remove(node);
        }
    }

    public IReadOnlyList<NodeReport> Nodes()
    {
        lock (_gate)
        {
            var alive = _nodes.Where(n => Lease(n.Key) > TimeSpan.Zero).Select(n => n.Value.Report);
            return [.. alive.OrderBy(n => n.Name, StringComparer.Ordinal)];
        }
    }

    public TimeSpan LeaseLeft(string node)
    {
        lock (_gate)
        {
            return Lease(node);
        }
    }

    public bool Keep(string node, string callId, long epoch, IReadOnlyList<string> tokens)
    {
        lock (_gate)
        {
            if (Find(callId) is { } entry && (entry.Epoch > epoch || (entry.Epoch == epoch && entry.Node != node) || entry.IsOver))
            {
                return false;
            }

            _calls[callId] = new Entry(node, epoch, time.GetUtcNow() + times.Keep) { Snapshot = Find(callId)?.Snapshot };
            foreach (var token in tokens)
            {
                _tokens[token] = callId;
            }

            return true;
        }
    }

    public CallOwner? FindByToken(string token)
    {
        lock (_gate)
        {
            return _tokens.TryGetValue(token, out var callId) ? Owner(callId) : null;
        }
    }

    public CallOwner? FindOwner(string callId)
    {
        lock (_gate)
        {
            return Owner(callId);
        }
    }

    public CallOwner? TakeOver(string node, CallOwner seen)
    {
        lock (_gate)
        {
            if (Find(seen.CallId) is not { } entry || entry.Epoch != seen.Epoch || entry.IsOver || Lease(entry.Node) > TimeSpan.Zero)
            {
                return Owner(seen.CallId);
            }

            _calls[seen.CallId] = entry with { Node = node, Epoch = entry.Epoch + 1, Until = time.GetUtcNow() + times.Keep };
            return Owner(seen.CallId);
        }
    }

    public bool Give(string node, string callId, long epoch, string to)
    {
        lock (_gate)
        {
            if (Find(callId) is not { } entry || entry.Node != node || entry.Epoch != epoch || entry.IsOver || Lease(to) <= TimeSpan.Zero)
            {
                return false;
            }

            _calls[callId] = entry with { Node = to, Epoch = epoch + 1, Until = time.GetUtcNow() + times.Keep };
            return true;
        }
    }

    public void End(string node, string callId, long epoch)
    {
        lock (_gate)
        {
            if (Find(callId) is { } entry && entry.Node == node && entry.Epoch == epoch)
            {
                _calls[callId] = entry with { IsOver = true, Snapshot = null, Until = time.GetUtcNow() + times.Remembered };
            }

            Forget();
        }
    }

    public bool Save(string node, string callId, long epoch, byte[] content)
    {
        lock (_gate)
        {
            if (Find(callId) is not { } entry || entry.Node != node || entry.Epoch != epoch || entry.IsOver)
            {
                return false;
            }

            _calls[callId] = entry with { Snapshot = content };
            return true;
        }
    }

    public byte[]? Load(string callId)
    {
        lock (_gate)
        {
            return Find(callId)?.Snapshot;
        }
    }

    private TimeSpan Lease(string node) =>
        _nodes.TryGetValue(node, out var held) && held.Until > time.GetUtcNow() ? held.Until - time.GetUtcNow() : TimeSpan.Zero;

    private Entry? Find(string callId) => _calls.TryGetValue(callId, out var entry) && entry.Until > time.GetUtcNow() ? entry : null;

    private CallOwner? Owner(string callId) =>
        Find(callId) is { } entry ? new CallOwner(callId, entry.Node, entry.Epoch, entry.IsOver) : null;

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var (callId, _) in _calls.Where(c => c.Value.Until <= now).ToArray())
        {
            _calls.Remove(callId);
        }

        foreach (var (token, _) in _tokens.Where(t => !_calls.ContainsKey(t.Value)).ToArray())
        {
            _tokens.Remove(token);
        }
    }

    private sealed record Entry(string Node, long Epoch, DateTimeOffset Until)
    {
        public bool IsOver { get; init; }

        public byte[]? Snapshot { get; init; }
    }
}
