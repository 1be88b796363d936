using Bridge.Rtc.Dtls;

namespace Bridge.Rtc;

/// <summary>Options of a peer; one instance may serve many peers.</summary>
public sealed record RtcPeerOptions
{
    /// <summary>The certificate and the engine behind it; shared by all peers of a process.</summary>
    public required DtlsIdentity Identity { get; init; }

    /// <summary>Server (the default) or client.</summary>
    public RtcRole Role { get; init; } = RtcRole.Server;

    /// <summary>Where this peer can be reached, best first: interface addresses and configured public addresses, UDP before TCP.</summary>
    public IReadOnlyList<LocalCandidate> LocalCandidates { get; init; } = [];

    /// <summary>Silence after which a connected peer counts as disconnected; RFC 7675 §5.1.</summary>
    public TimeSpan DisconnectedAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a peer has failed; RFC 7675 §5.1.</summary>
    public TimeSpan FailedAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest datagram this peer sends, in bytes of UDP payload. 1,200 passes every path with IPv6's minimum MTU.</summary>
    public int Mtu { get; init; } = 1200;

    /// <summary>The longest data-channel message this peer takes, announced as max-message-size (RFC 8841 §6.1).</summary>
    public int MaxMessageSize { get; init; } = 262_144;

    /// <summary>Data channels open at once; a further one is refused by a stream reset.</summary>
    public int MaxChannels { get; init; } = 128;

    /// <summary>When outgoing audio carries redundancy, where negotiated.</summary>
    public Redundancy Redundancy { get; init; } = Redundancy.WhenLossy;

    /// <summary>Client role: offer audio.</summary>
    public bool OfferAudio { get; init; } = true;

    /// <summary>Client role: offer NACK and retransmission of audio (RFC 4585 §6.2.1). A server agrees wherever it is offered.</summary>
    public bool OfferNack { get; init; } = true;

    /// <summary>
    /// Client role: checks that keep consent fresh nominate again (RFC 8445 §8.1.1), as Chromium's do; without, they are bare ones, as
    /// Firefox's.
    /// </summary>
    public bool RenewsNomination { get; init; } = true;

    /// <summary>The time between RTCP reports; each interval is drawn from half to one and a half of it.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The wall clock at <see cref="Instant"/> zero, for the NTP time of sender reports; null counts from the peer's start (RFC 3550 §4).
    /// </summary>
    public DateTimeOffset? WallClockAtZero { get; init; }
}
