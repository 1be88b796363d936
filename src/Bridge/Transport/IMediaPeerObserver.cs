using Bridge.Rtc;

namespace Bridge.Transport;

/// <summary>The events of a peer for its call. Each member only enqueues: the caller holds the peer.</summary>
internal interface IMediaPeerObserver
{
    /// <summary>
    /// Whether a data channel with this label is the message port. The first for which this is true becomes it; asked by the peer's
    /// owner, at any time. A call takes <c>bridge</c>.
    /// </summary>
    bool Takes(string label) => label == "bridge";

    /// <summary>The connection's state changed.</summary>
    void PeerStateChanged(IMediaPeer peer, RtcPeerState state);

    /// <summary>The offer was answered with this codec.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="codec"><c>opus</c>, <c>PCMU</c> or <c>PCMA</c>.</param>
    /// <param name="maxPacketTime">The most audio that the browser takes in one packet.</param>
    void AudioNegotiated(IMediaPeer peer, string codec, TimeSpan maxPacketTime);

    /// <summary>The browser reported on the reception of our audio.</summary>
    /// <returns>Additions that the peer may make from now on to the packets that it is given.</returns>
    OutgoingShape PathReported(IMediaPeer peer, in PathReport report) => default;

    /// <summary>One RTP packet of the caller's audio, decrypted; the payload is valid during the call only.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="source">RTP's SSRC: another one has numbers and a clock of its own.</param>
    /// <param name="sequence">RTP sequence number.</param>
    /// <param name="timestamp">RTP timestamp.</param>
    /// <param name="payload">The codec's payload; empty for a packet of padding alone.</param>
    /// <param name="level">The packet's own audio level in -dBov (RFC 6464); null when it has none.</param>
    void AudioReceived(IMediaPeer peer, uint source, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level);

    /// <summary>The person pressed a key of a dial pad (RFC 4733).</summary>
    void DtmfReceived(IMediaPeer peer, char digit);

    /// <summary>The data channel <c>bridge</c> opened.</summary>
    void PortOpened(IMediaPeer peer);

    /// <summary>The data channel closed.</summary>
    void PortClosed(IMediaPeer peer);

    /// <summary>A message on the data channel; valid during the call only.</summary>
    void MessageReceived(IMediaPeer peer, ReadOnlySpan<byte> message, bool binary);

    /// <summary>The data channel's send buffer has drained.</summary>
    void PortWritable(IMediaPeer peer);
}
