namespace Bridge.Rtc.Sctp;

/// <summary>
/// A transmission sequence number. Compared by serial arithmetic (RFC 9260 §1.6, RFC 1982), so wrap-around lives here alone.
/// </summary>
internal readonly record struct Tsn(uint Value)
{
    public static Tsn operator +(Tsn tsn, int count) => new(unchecked(tsn.Value + (uint)count));

    public static Tsn operator -(Tsn tsn, int count) => new(unchecked(tsn.Value - (uint)count));

    /// <summary>How far <paramref name="left"/> lies ahead of <paramref name="right"/>; negative when it lies behind.</summary>
    public static int operator -(Tsn left, Tsn right) => unchecked((int)(left.Value - right.Value));

    public static bool operator <(Tsn left, Tsn right) => left - right < 0;

    public static bool operator >(Tsn left, Tsn right) => left - right > 0;

    public static bool operator <=(Tsn left, Tsn right) => left - right <= 0;

    public static bool operator >=(Tsn left, Tsn right) => left - right >= 0;
}
