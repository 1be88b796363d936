namespace Bridge.Rtc.Sctp;

/// <summary>The result of a COOKIE ECHO (RFC 9260 §5.2.4).</summary>
internal enum CookieResult : byte
{
    /// <summary>The cookie is not ours, too old or of another association.</summary>
    Refused,

    /// <summary>The association stands already; the COOKIE ACK was lost (action D).</summary>
    Repeated,

    /// <summary>The association is established.</summary>
    Established,

    /// <summary>The peer lost its state and begins anew within the same DTLS connection (action A).</summary>
    Restarted,
}
