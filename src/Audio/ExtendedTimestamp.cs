namespace Bridge.Audio;

/// <summary>An RTP timestamp with the cycles of 2^32 counted in, in units of the codec's RTP clock. It never wraps.</summary>
internal readonly record struct ExtendedTimestamp(long Value)
{
    /// <summary>The timestamp on the wire, 32 bits (RFC 3550 §5.1).</summary>
    public uint Wire => unchecked((uint)Value);

    /// <summary>The timestamp closest to this one whose 32 bits are <paramref name="timestamp"/>.</summary>
    public ExtendedTimestamp Nearest(uint timestamp) => new(Value + unchecked((int)(timestamp - (uint)Value)));

    public static ExtendedTimestamp operator +(ExtendedTimestamp timestamp, long units) => new(timestamp.Value + units);

    public static ExtendedTimestamp operator -(ExtendedTimestamp timestamp, long units) => new(timestamp.Value - units);

    public static long operator -(ExtendedTimestamp left, ExtendedTimestamp right) => left.Value - right.Value;

    public static bool operator <(ExtendedTimestamp left, ExtendedTimestamp right) => left.Value < right.Value;

    public static bool operator >(ExtendedTimestamp left, ExtendedTimestamp right) => left.Value > right.Value;
}
