namespace Bridge.Rpc;

/// <summary>
/// Results of once-only requests, by call_id, until the asker acknowledges them. It may be handed from one
/// <see cref="RpcPeer"/> to its successor. Bounded: the oldest finished result is forgotten first, its id is not.
/// </summary>
public sealed class RpcJournal
{
    /// <summary>A journal of at most so many calls and so many bytes of results.</summary>
    public RpcJournal(int capacity = 1_024, long maxBytes = 8 << 20)
    {
    }

    /// <summary>Calls that are running, or answered and not acknowledged.</summary>
    public int Count { get; private set; }
}
