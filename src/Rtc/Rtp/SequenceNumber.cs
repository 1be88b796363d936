namespace Bridge.Rtc.Rtp;

/// <summary>A sequence number on the wire, 16 bits (RFC 3550 §5.1). Distances follow serial arithmetic (RFC 1982).</summary>
internal readonly record struct SequenceNumber(ushort Value)
{
    public static SequenceNumber operator +(SequenceNumber number, int count) => new(unchecked((ushort)(number.Value + count)));

    /// <summary>
    /// How far <paramref name="left"/> lies ahead of <paramref name="right"/>, the shorter way around; negative when it lies behind.
    /// </summary>
    public static int operator -(SequenceNumber left, SequenceNumber right) => unchecked((short)(left.Value - right.Value));
}
