namespace Bridge.Rtc.Sctp;

/// <summary>Why an association ended.</summary>
public enum SctpCloseReason
{
    /// <summary>Orderly, by SHUTDOWN of either side.</summary>
    Shutdown,

    /// <summary>We called <see cref="SctpAssociation.Abort"/>.</summary>
    AbortedHere,

    /// <summary>The peer sent ABORT.</summary>
    AbortedByPeer,

    /// <summary>The peer answered nothing for <see cref="SctpOptions.MaxRetransmissions"/> timeouts in a row.</summary>
    TimedOut,

    /// <summary>The peer broke the protocol in a way that leaves no sound state, and was sent an ABORT.</summary>
    ProtocolViolation,
}
