namespace Bridge.Rpc;

/// <summary>A request of the other side: where its response goes. Guarded by the peer's lock.</summary>
internal sealed class IncomingRequest(int epoch, RpcId id, BatchReply? batch)
{
    /// <summary>Number of the attachment it came in on.</summary>
    public int Epoch { get; } = epoch;

    public RpcId Id { get; } = id;

    /// <summary>The batch that it came in, else null.</summary>
    public BatchReply? Batch { get; } = batch;

    /// <summary>When <c>$/received</c> is due, on the peer's running clock; <see cref="long.MaxValue"/> once it was sent.</summary>
    public long NoticeDue { get; set; } = long.MaxValue;
}
