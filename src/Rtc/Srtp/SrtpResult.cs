namespace Bridge.Rtc.Srtp;

/// <summary>How unprotecting a packet ended.</summary>
internal enum SrtpResult
{
    Ok,
    Malformed,
    Unauthentic,
    Replayed,

    /// <summary>More synchronization sources than one peer gets state for.</summary>
    TooManySources,
}
