namespace Bridge.Audio.Uplink;

/// <summary>An RTP sequence number with the cycles of 65,536 counted in (RFC 3550 §A.1). It never wraps.</summary>
internal readonly record struct ExtendedSequence(long Value)
{
    /// <summary>Distance from this number to one of 16 bits on the wire, the shorter way around; negative when it lies behind.</summary>
    public int Ahead(ushort sequence) => unchecked((short)(sequence - (ushort)Value));

    public static ExtendedSequence operator +(ExtendedSequence number, long count) => new(number.Value + count);

    public static ExtendedSequence operator ++(ExtendedSequence number) => new(number.Value + 1);

    public static ExtendedSequence operator -(ExtendedSequence number, long count) => new(number.Value - count);

    public static bool operator <(ExtendedSequence left, ExtendedSequence right) => left.Value < right.Value;

    public static bool operator >(ExtendedSequence left, ExtendedSequence right) => left.Value > right.Value;
}
