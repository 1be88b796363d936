namespace Bridge.Rtc.Sctp;

/// <summary>Error causes that ABORT carries (RFC 9260 §3.3.10).</summary>
internal enum AbortCause : ushort
{
    /// <summary>No ABORT is sent.</summary>
    None = 0,
    NoUserData = 9,
    UserInitiated = 12,
    ProtocolViolation = 13,
}
