using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc;

/// <summary>
/// Takes what a peer gives out during <see cref="RtcPeer.Advance"/>. Implementations only enqueue; they never call back into the peer. <see
/// cref="Transmit"/> alone has to be implemented: what a sink does not implement it does not hear of.
/// </summary>
public interface IRtcSink
{
    /// <summary>Send this datagram. The span is valid during the call.</summary>
    void Transmit(ReadOnlySpan<byte> datagram, Route to);

    /// <summary>The peer entered a state; called once per change.</summary>
    void StateChanged(RtcPeerState state)
    {
    }

    /// <summary>An offer or answer settled the audio format; again when a re-offer changes it.</summary>
    void AudioNegotiated(in AudioFormat format)
    {
    }

    /// <summary>An audio packet, in order of arrival, each sequence number at most once.</summary>
    void AudioReceived(in RtpPacket packet)
    {
    }

    /// <summary>The remote side reported on the reception of our audio.</summary>
    void PathReported(in PathReport report)
    {
    }

    /// <summary>A key was pressed; once per press.</summary>
    void DtmfReceived(in DtmfEvent digit)
    {
    }

    /// <summary>A data channel is open: the remote side opened it, or acknowledged ours.</summary>
    void ChannelOpened(ushort stream, string label)
    {
    }

    /// <summary>A data channel is closed in both directions, or the association ended.</summary>
    void ChannelClosed(ushort stream)
    {
    }

    /// <summary>A whole message. The span is valid during the call.</summary>
    void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
    }

    /// <summary>The send buffer of a channel ran empty: bufferedAmountLowThreshold of the W3C is 0 here.</summary>
    void BufferedAmountLow(ushort stream)
    {
    }

    /// <summary>
    /// Datagrams go to another address: the first that a check proved, or where the remote side moved. For the trail of one connection,
    /// as the five below.
    /// </summary>
    void RouteSelected(Route route)
    {
    }

    /// <summary>ICE began anew with other credentials (RFC 8445 §9).</summary>
    void IceRestarted()
    {
    }

    /// <summary>The DTLS handshake began, with this side in the role.</summary>
    void DtlsStarted(DtlsRole role)
    {
    }

    /// <summary>
    /// The DTLS handshake is complete and the certificate is that of the description; null profile: no SRTP was agreed on.
    /// </summary>
    void DtlsConnected(SrtpProfile? profile)
    {
    }

    /// <summary>The SCTP association of the data channels is established (RFC 9260 §5.1).</summary>
    void AssociationEstablished()
    {
    }

    /// <summary>The SCTP association has ended.</summary>
    void AssociationEnded(SctpCloseReason reason)
    {
    }

    /// <summary>
    /// Something was thrown away since the last call of <see cref="RtcPeer.Advance"/>. For the trail of one connection.
    /// </summary>
    /// <param name="reason">Why.</param>
    /// <param name="count">How often since then.</param>
    /// <param name="bytes">Bytes of all of them together.</param>
    void Dropped(DropReason reason, int count, long bytes)
    {
    }
}
