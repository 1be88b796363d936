namespace Bridge.Rtc;

/// <summary>Which timer a <see cref="Deadline"/> belongs to.</summary>
public enum DeadlineReason
{
    /// <summary>No timer runs.</summary>
    None,

    /// <summary>A connectivity check or its retransmission (RFC 8445).</summary>
    Ice,

    /// <summary>Consent freshness (RFC 7675).</summary>
    Consent,

    /// <summary>A DTLS flight to be sent again.</summary>
    Dtls,

    /// <summary>An RTCP report (RFC 3550).</summary>
    Rtcp,

    /// <summary>A lost packet is to be asked for (RFC 4585 §6.2.1).</summary>
    Nack,

    /// <summary>Transport-wide feedback on what arrived.</summary>
    TransportFeedback,

    /// <summary>Connecting has a limit.</summary>
    Connect,

    /// <summary>An SCTP handshake or shutdown chunk to be sent again (T1, T2).</summary>
    SctpHandshake,

    /// <summary>SCTP data to be sent again (T3, tail probe, reordering window).</summary>
    SctpRetransmit,

    /// <summary>A delayed SACK (RFC 9260 §6.2).</summary>
    SctpAcknowledge,

    /// <summary>The next burst of queued SCTP data.</summary>
    SctpPace,

    /// <summary>A stream reset request to be sent again (RFC 6525).</summary>
    SctpReset,

    /// <summary>An SCTP heartbeat of an idle association (RFC 9260 §8.3).</summary>
    SctpHeartbeat,
}
