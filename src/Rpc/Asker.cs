namespace Bridge.Rpc;

/// <summary>Where an answer goes: the request it belongs to, on the port it came in on.</summary>
internal sealed class Asker(RpcPeer peer, int epoch, RpcId id, BatchReply? batch)
{
    public RpcPeer Peer { get; } = peer;

    /// <summary>Number of the attachment; an answer never goes out on a later one, where the id means something else.</summary>
    public int Epoch { get; } = epoch;

    public RpcId Id { get; } = id;

    public BatchReply? Batch { get; } = batch;

    /// <summary>The run that answers; more than one asker may wait for it.</summary>
    public RpcContext? Context { get; set; }

    /// <summary>When <c>$/received</c> is due, in the peer's running time; <see cref="long.MaxValue"/> once it was sent.</summary>
    public long NoticeDue { get; set; } = long.MaxValue;
}
