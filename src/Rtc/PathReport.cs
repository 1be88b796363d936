namespace Bridge.Rtc;

/// <summary>
/// The reception of a stretch of our audio packets, as the remote side reported it: by transport-wide feedback
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1) or, where that was not agreed on, by a receiver report (RFC 3550 §6.4.2).
/// </summary>
/// <param name="At">When the news came.</param>
/// <param name="Received">Packets that arrived.</param>
/// <param name="Lost">Packets that did not.</param>
/// <param name="Span">From the sending of the stretch's first packet to that of its last; from report to report without feedback.</param>
/// <param name="LeastQueue">The shortest time that one of them waited in a queue of the path; null when it is not known.</param>
/// <param name="LatestQueue">The time that the last of them waited.</param>
/// <param name="Bytes">All bytes sent that arrived within <paramref name="ArrivalSpan"/>, not audio alone; IP and UDP counted.</param>
/// <param name="ArrivalSpan">
/// The time between arrivals in which the path was busy, so that <paramref name="Bytes"/> over it is its rate; null without feedback.
/// </param>
public readonly record struct PathReport(
    Instant At,
    int Received,
    int Lost,
    TimeSpan Span,
    TimeSpan? LeastQueue,
    TimeSpan LatestQueue,
    long Bytes,
    TimeSpan? ArrivalSpan)
{
    /// <summary>
    /// Packets that arrived after one that had left later, those told of as lost before among them. A queue keeps the order: many of
    /// these are jitter.
    /// </summary>
    public int Overtaken { get; init; }
}
