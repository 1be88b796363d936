namespace Bridge.Rtc.Sctp;

/// <summary>The states of RFC 9260 §4 as far as a user needs them.</summary>
internal enum SctpState
{
    /// <summary>No association yet; an INIT of the peer is answered.</summary>
    New,

    /// <summary>Our INIT or COOKIE ECHO is under way.</summary>
    Connecting,

    /// <summary>Data flows.</summary>
    Established,

    /// <summary>One side has asked for an orderly end; what is queued is still delivered.</summary>
    ShuttingDown,

    /// <summary>Ended, in whatever way.</summary>
    Closed,
}
