namespace Bridge.Transport;

/// <summary>Figures of one connection since it began.</summary>
/// <param name="PacketsReceived">RTP packets that authenticated.</param>
/// <param name="PacketsSent">RTP packets sent.</param>
/// <param name="BytesReceived">Bytes of datagrams received.</param>
/// <param name="BytesSent">Bytes of datagrams sent.</param>
/// <param name="Rejected">Datagrams dropped: malformed, replayed, or failing authentication.</param>
/// <param name="PacketsLost">RTP packets the browser sent that never came (RFC 3550 §A.3).</param>
/// <param name="RoundTripMilliseconds">From RTCP or ICE; null until measured.</param>
/// <param name="RemoteLoss">Fraction of our packets the browser lost, from its latest receiver report, 0 to 1.</param>
/// <param name="ConnectMilliseconds">From the offer to connected; null before that.</param>
internal readonly record struct MediaPeerStats(
    long PacketsReceived,
    long PacketsSent,
    long BytesReceived,
    long BytesSent,
    long Rejected,
    long PacketsLost,
    double? RoundTripMilliseconds,
    double RemoteLoss,
    double? ConnectMilliseconds);
