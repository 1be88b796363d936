namespace Bridge.Rtc.Sctp;

/// <summary>
/// Options of an association. The defaults suit a voice bridge that talks to browsers over DTLS (RFC 8261, RFC 8831).
/// Every limit here bounds memory that a hostile peer could otherwise make grow.
/// </summary>
internal sealed class SctpOptions
{
    /// <summary>
    /// Whether this side is the DTLS client. It decides which stream numbers our own channels take:
    /// even for the client, odd for the server (RFC 8832 §6).
    /// </summary>
    public bool IsDtlsClient { get; init; }

    /// <summary>Our SCTP port, <c>a=sctp-port</c> of our SDP.</summary>
    internal const ushort LocalPort = 5000;

    /// <summary>The peer's SCTP port, <c>a=sctp-port</c> of its SDP.</summary>
    public ushort RemotePort { get; init; } = 5000;

    /// <summary>
    /// Largest SCTP packet in bytes, common header included. 1188 leaves room for DTLS (37), UDP (8) and IPv6 (40)
    /// within the 1280 bytes that every IPv6 path carries.
    /// </summary>
    public int MaxPacketSize { get; init; } = 1188;

    /// <summary>
    /// Largest message in bytes the peer accepts, <c>a=max-message-size</c> of its SDP (RFC 8841 §6); a longer one is refused by <see
    /// cref="SctpAssociation.Send"/>.
    /// </summary>
    public int MaxSendMessageSize { get; init; } = 262_144;

    /// <summary>Largest message in bytes we accept, <c>a=max-message-size</c> of our SDP; a longer one closes its channel.</summary>
    public int MaxReceiveMessageSize { get; init; } = 262_144;

    /// <summary>Bytes of messages held for sending, sent but unacknowledged ones included, over all channels.</summary>
    public int SendBufferSize { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// Bytes held behind a gap or for delivery. The one message being assembled comes on top,
    /// up to <see cref="MaxReceiveMessageSize"/>. The part that we advertise depends on the round trip.
    /// </summary>
    public int ReceiveBufferSize { get; init; } = 512 * 1024;

    /// <summary>Stream numbers in each direction that we offer in INIT; the lower of both sides' numbers holds.</summary>
    internal const ushort MaxStreams = 1024;

    /// <summary>Channels open at one time; one more is refused by a reset of its stream.</summary>
    public int MaxChannels { get; init; } = 128;

    /// <summary>Whether we offer to go without the CRC32c that DTLS makes superfluous (RFC 9653).</summary>
    public bool ZeroChecksum { get; init; } = true;

    /// <summary>
    /// RTO before the first measurement. Shorter than the second of RFC 9260 §16: DTLS has just crossed
    /// this path, so the peer is there and the first loss should not cost a second.
    /// </summary>
    internal static readonly TimeSpan RtoInitial = TimeSpan.FromMilliseconds(400);

    /// <summary>Lowest RTO. Above the 200 ms that a peer may delay a SACK (RFC 9260 §6.2).</summary>
    internal static readonly TimeSpan RtoMin = TimeSpan.FromMilliseconds(250);

    /// <summary>Highest RTO. Low, because whether the path lives is ICE's question; after an outage we want to go on soon.</summary>
    internal static readonly TimeSpan RtoMax = TimeSpan.FromSeconds(3);

    /// <summary>Timeouts in a row, without any answer, after which the association is lost.</summary>
    public int MaxRetransmissions { get; init; } = 20;

    /// <summary>How often an idle association asks for a sign of life (RFC 9260 §8.3).</summary>
    internal static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(30);

    /// <summary>How long the acknowledgement of a single packet may wait for data to ride on.</summary>
    internal static readonly TimeSpan AcknowledgementDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>The same where the path is narrow: SACKs count there (RFC 9260 §6.2 allows 500 ms), one for four packets.</summary>
    internal static readonly TimeSpan LongAcknowledgementDelay = TimeSpan.FromMilliseconds(400);

    /// <summary>How long a state cookie is good for (RFC 9260 §16, Valid.Cookie.Life).</summary>
    internal static readonly TimeSpan CookieLife = TimeSpan.FromSeconds(60);
}
