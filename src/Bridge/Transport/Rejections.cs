using Bridge.Rtc;

namespace Bridge.Transport;

/// <summary>Drops and refusals of peers, by kind; they only grow.</summary>
/// <param name="Noise">Datagrams of no known protocol, or malformed.</param>
/// <param name="Stun">Checks with a missing or wrong integrity.</param>
/// <param name="Strangers">Datagrams from an address that no check has proved.</param>
/// <param name="SrtpForged">SRTP and SRTCP with a wrong tag.</param>
/// <param name="SrtpReplayed">SRTP and SRTCP seen before.</param>
/// <param name="Rtp">Authentic RTP that could not be read or placed.</param>
/// <param name="Sctp">SCTP packets or chunks that were malformed, out of place or out of window.</param>
/// <param name="SctpInits">INITs after the first of an association.</param>
/// <param name="Oversize">Messages longer than this side takes.</param>
/// <param name="Channels">Channels refused.</param>
/// <param name="Amplification">Datagrams withheld from an address that has not shown that it receives (RFC 9000 §8.1).</param>
internal readonly record struct Rejections(
    long Noise, long Stun, long Strangers, long SrtpForged, long SrtpReplayed, long Rtp, long Sctp, long SctpInits, long Oversize,
    long Channels, long Amplification)
{
    /// <summary>Of all kinds.</summary>
    public long Total => ByKind.Sum(k => k.Count);

    /// <summary>The counts under the names they have in metrics.</summary>
    public IEnumerable<(string Kind, long Count)> ByKind =>
    [
        ("noise", Noise), ("stun", Stun), ("stranger", Strangers), ("srtp_forged", SrtpForged), ("srtp_replayed", SrtpReplayed),
        ("rtp", Rtp),
        ("sctp", Sctp), ("sctp_init", SctpInits), ("message_oversize", Oversize), ("channel", Channels), ("amplification", Amplification),
    ];

    public static Rejections operator +(Rejections a, Rejections b) => new(
        a.Noise + b.Noise, a.Stun + b.Stun, a.Strangers + b.Strangers, a.SrtpForged + b.SrtpForged, a.SrtpReplayed + b.SrtpReplayed,
        a.Rtp + b.Rtp, a.Sctp + b.Sctp, a.SctpInits + b.SctpInits, a.Oversize + b.Oversize, a.Channels + b.Channels,
        a.Amplification + b.Amplification);

    /// <summary>Those of one peer so far.</summary>
    public static Rejections Of(RtcPeer peer)
    {
        var stats = peer.Stats;
        var data = peer.DataStats;
        return new Rejections(
            stats.NoiseDropped,
            stats.StunRejected,
            stats.StrangersDropped,
            stats.SrtpUnauthentic,
            stats.SrtpReplayed,
            stats.RtpMalformed,
            data is null ? 0 : data.DroppedMalformed + data.DroppedChecksum + data.DroppedTag + data.DroppedCookies
                + data.DroppedOutOfWindow + data.DroppedReplies + data.DroppedUnexpected + data.MessagesUnclaimed,
            data is null ? 0 : Math.Max(0, data.InitsReceived - 1),
            data?.MessagesOversize ?? 0,
            data?.ChannelsRefused ?? 0,
            stats.AmplificationLimited);
    }
}
