namespace Bridge.Rtc.Rtp;

/// <summary>
/// A sequence number with the cycles of 65,536 counted in: RTP's extended sequence number (RFC 3550 §A.1), SRTP's packet index
/// (RFC 3711 §3.3.1). It never wraps.
/// </summary>
internal readonly record struct ExtendedSequence(long Value) : IComparable<ExtendedSequence>
{
    private const int Cycle = 65_536;

    /// <summary>The number on the wire, 16 bits.</summary>
    public SequenceNumber Wire => new(unchecked((ushort)Value));

    /// <summary>
    /// The cycles counted and the number, as a report block writes them (RFC 3550 §6.4.1), for a count that began one cycle up.
    /// </summary>
    public uint Reported => unchecked((uint)(Value - Cycle));

    /// <summary>The first number of a count. One cycle up, so that a packet from before the first one is no negative number.</summary>
    public static ExtendedSequence First(SequenceNumber number) => new(Cycle + number.Value);

    /// <summary>The number closest to this one whose 16 bits are <paramref name="number"/>.</summary>
    public ExtendedSequence Nearest(SequenceNumber number) => new(Value + (number - Wire));

    /// <summary>The first number from this one on whose 16 bits are <paramref name="number"/>.</summary>
    public ExtendedSequence Next(SequenceNumber number) => new(Value + unchecked((ushort)(number.Value - Wire.Value)));

    public int CompareTo(ExtendedSequence other) => Value.CompareTo(other.Value);

    public static ExtendedSequence operator +(ExtendedSequence number, long count) => new(number.Value + count);

    public static ExtendedSequence operator -(ExtendedSequence number, long count) => new(number.Value - count);

    public static long operator -(ExtendedSequence left, ExtendedSequence right) => left.Value - right.Value;

    public static bool operator <(ExtendedSequence left, ExtendedSequence right) => left.Value < right.Value;

    public static bool operator >(ExtendedSequence left, ExtendedSequence right) => left.Value > right.Value;

    public static bool operator <=(ExtendedSequence left, ExtendedSequence right) => left.Value <= right.Value;

    public static bool operator >=(ExtendedSequence left, ExtendedSequence right) => left.Value >= right.Value;

    public static ExtendedSequence Max(ExtendedSequence left, ExtendedSequence right) => left > right ? left : right;
}
