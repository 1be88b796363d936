namespace Bridge.Rtc.Rtp;

/// <summary>A media timestamp on the wire, 32 bits in units of the payload's clock (RFC 3550 §5.1).</summary>
internal readonly record struct RtpTimestamp(uint Value)
{
    public static RtpTimestamp operator +(RtpTimestamp timestamp, long units) => new(unchecked((uint)(timestamp.Value + units)));

    public static RtpTimestamp operator -(RtpTimestamp timestamp, uint units) => new(unchecked(timestamp.Value - units));

    /// <summary>
    /// How far <paramref name="left"/> lies ahead of <paramref name="right"/>, the shorter way around; negative when it lies behind.
    /// </summary>
    public static int operator -(RtpTimestamp left, RtpTimestamp right) => unchecked((int)(left.Value - right.Value));
}
