namespace Bridge.Rpc;

/// <summary>
/// An ordered, reliable channel of whole messages: the data channel <c>bridge</c>, or memory in tests.
/// Messages that come in are handed to <see cref="RpcPeer.Receive"/> by the port's owner.
/// </summary>
public interface IMessagePort
{
    /// <summary>
    /// Takes one UTF-8 JSON text, or refuses it for now (full or closing). It only enqueues: it never calls back into the
    /// peer, because the peer holds its lock meanwhile. A port with a lock of its own must not call the peer from under
    /// it (<see cref="RpcPeer.Pause"/> and <see cref="RpcPeer.Resume"/> apart): the two locks would be taken in both orders.
    /// </summary>
    bool TrySend(ReadOnlySpan<byte> utf8);

    /// <summary>Bytes taken by <see cref="TrySend"/> that have not left yet (W3C webrtc-pc, bufferedAmount).</summary>
    long BufferedAmount { get; }

    /// <summary>Largest message in bytes that the other side accepts (RFC 8841 §6, a=max-message-size).</summary>
    int MaxMessageSize { get; }
}
