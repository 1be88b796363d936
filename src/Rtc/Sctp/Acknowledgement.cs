namespace Bridge.Rtc.Sctp;

/// <summary>The chunks that a SACK acknowledged for the first time.</summary>
internal struct Acknowledgement
{
    public Instant Now;

    /// <summary>User data in bytes.</summary>
    public int Bytes;

    /// <summary>A round trip; null when every chunk had been sent more than once (Karn's rule, RFC 9260 §6.3.1 C5).</summary>
    public TimeSpan? Sample;
}
