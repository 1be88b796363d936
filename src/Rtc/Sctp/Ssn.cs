namespace Bridge.Rtc.Sctp;

/// <summary>A stream sequence number, 16 bits (RFC 9260 §1.6). Compared by serial arithmetic, like <see cref="Tsn"/>.</summary>
internal readonly record struct Ssn(ushort Value)
{
    public Ssn Next => new(unchecked((ushort)(Value + 1)));

    public static bool operator <(Ssn left, Ssn right) => unchecked((short)(left.Value - right.Value)) < 0;

    public static bool operator >(Ssn left, Ssn right) => right < left;
}
