namespace Bridge.Rtc.Sctp;

/// <summary>The states of RFC 9260 §4, in the order in which an association goes through them.</summary>
internal enum AssociationPhase : byte
{
    Closed,
    CookieWait,
    CookieEchoed,
    Established,
    ShutdownPending,
    ShutdownSent,
    ShutdownReceived,
    ShutdownAckSent,

    /// <summary>Closed for good: the association is not used again.</summary>
    Ended,
}
