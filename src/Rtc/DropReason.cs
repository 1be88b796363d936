namespace Bridge.Rtc;

/// <summary>
/// Why a peer threw away a datagram, a part of one, or an output. <see cref="IRtcSink.Dropped"/> reports it; the counters of <see
/// cref="RtcStats"/> and <see cref="Sctp.SctpStats"/> tell how often.
/// </summary>
public enum DropReason
{
    /// <summary>The peer is closed or has failed, and takes nothing any more.</summary>
    NotListening,

    /// <summary>The first byte names no protocol of RFC 7983 §7.</summary>
    UnknownProtocol,

    /// <summary>No connectivity check has proved the address (RFC 8445 §7).</summary>
    UnprovenAddress,

    /// <summary>A STUN message with a wrong length, attribute, method or FINGERPRINT (RFC 8489 §5, §14).</summary>
    StunMalformed,

    /// <summary>A STUN request whose USERNAME names another agent or an ICE generation that is over (RFC 8445 §7.2.2).</summary>
    StunUsername,

    /// <summary>A STUN message with a missing or wrong MESSAGE-INTEGRITY (RFC 8489 §14.5).</summary>
    StunIntegrity,

    /// <summary>A STUN response to a request that was not sent, or not to that address (RFC 8445 §7.2.5.2.1).</summary>
    StunUnmatched,

    /// <summary>A DTLS record before a description, after the handshake failed, or from a server that was not greeted.</summary>
    DtlsUnexpected,

    /// <summary>An RTP or RTCP packet before the keys of the DTLS handshake or before audio was agreed on.</summary>
    SrtpWithoutKeys,

    /// <summary>An SRTP or SRTCP packet that is too short, or SRTCP that is not encrypted.</summary>
    SrtpMalformed,

    /// <summary>An SRTP or SRTCP packet with a wrong authentication tag (RFC 3711 §3.3).</summary>
    SrtpUnauthentic,

    /// <summary>An SRTP or SRTCP packet seen before, or too old to tell (RFC 3711 §3.3.2).</summary>
    SrtpReplayed,

    /// <summary>An SRTP packet of one synchronization source too many.</summary>
    SrtpTooManySources,

    /// <summary>A packet whose RTP header does not parse (RFC 3550 §5.1).</summary>
    RtpHeader,

    /// <summary>An authentic packet with wrong padding (RFC 3550 §5.1).</summary>
    RtpPadding,

    /// <summary>An authentic packet of another m-line (RFC 9143 §15).</summary>
    RtpMid,

    /// <summary>An authentic packet though the remote side said that it sends no audio.</summary>
    RtpDirection,

    /// <summary>
    /// An authentic packet of a payload type that was not agreed on, or a telephone event that does not parse (RFC 4733 §2.3).
    /// </summary>
    RtpPayloadType,

    /// <summary>A RED payload whose lengths do not fit (RFC 2198 §3).</summary>
    RedMalformed,

    /// <summary>A compound RTCP packet whose lengths do not fit (RFC 3550 §6.1).</summary>
    RtcpMalformed,

    /// <summary>An SCTP packet, chunk or parameter whose lengths do not fit (RFC 9260 §3).</summary>
    SctpMalformed,

    /// <summary>An SCTP packet with a wrong CRC32c (RFC 9260 §6.8).</summary>
    SctpChecksum,

    /// <summary>An SCTP packet with a wrong port or verification tag (RFC 9260 §8.5).</summary>
    SctpVerificationTag,

    /// <summary>A state cookie that is forged, stale or of another association (RFC 9260 §5.2.4).</summary>
    SctpCookie,

    /// <summary>A DATA chunk outside of the receive window (RFC 9260 §6.2).</summary>
    SctpWindow,

    /// <summary>A chunk that the association's state does not allow, or of an unknown type (RFC 9260 §3.2, §8.4).</summary>
    SctpUnexpected,

    /// <summary>A chunk that asks for an answer while too many answers wait.</summary>
    SctpAnswerWaiting,

    /// <summary>A message to a stream without a channel, or with an unknown payload protocol identifier (RFC 8831 §8).</summary>
    MessageUnclaimed,

    /// <summary>A message longer than the max-message-size of our SDP (RFC 8841 §6).</summary>
    MessageTooLong,

    /// <summary>A DATA_CHANNEL_OPEN that is malformed, on a stream in use, or one channel too many (RFC 8832 §6).</summary>
    ChannelRefused,

    /// <summary>An output that found the queue full because the host did not drain the peer.</summary>
    OutputQueueFull,

    /// <summary>A datagram to an address that has not shown that it receives (RFC 9000 §8.1).</summary>
    AmplificationLimit,
}
