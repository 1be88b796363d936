namespace Bridge.Rpc;

/// <summary>Counters of one peer since it was made, and what it holds now.</summary>
public readonly record struct RpcStats
{
    /// <summary>Messages given to ports.</summary>
    public long MessagesSent { get; init; }
    /// <summary>Bytes given to ports.</summary>
    public long BytesSent { get; init; }
    /// <summary>Messages taken in.</summary>
    public long MessagesReceived { get; init; }
    /// <summary>Bytes taken in.</summary>
    public long BytesReceived { get; init; }
    /// <summary>
    /// Messages that were no JSON-RPC, too large, too deep, or a response to no pending request, and notifications that their
    /// handler refused.
    /// </summary>
    public long Rejected { get; init; }
    /// <summary>Exceptions of handlers, progress receivers and ports; <see cref="RpcOptions.Fault"/> got each of them.</summary>
    public long Faults { get; init; }
    /// <summary>Notifications and responses that found no room in the queue.</summary>
    public long Dropped { get; init; }
    /// <summary>Own requests that ended at a deadline.</summary>
    public long TimedOut { get; init; }
    /// <summary>Once-only requests sent again after a new port was attached.</summary>
    public long Resent { get; init; }
    /// <summary>Own requests that wait for a response now.</summary>
    public int PendingRequests { get; init; }
    /// <summary>Requests of the other side being handled now.</summary>
    public int IncomingRequests { get; init; }
    /// <summary>Bytes that wait here for the port now.</summary>
    public long QueuedBytes { get; init; }
}
