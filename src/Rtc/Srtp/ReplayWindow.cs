namespace Bridge.Rtc.Srtp;

/// <summary>Which of the last 128 packet indices were seen; RFC 3711 §3.3.2.</summary>
internal struct ReplayWindow
{
    public const int Size = 128;

    private UInt128 _seen;

    /// <summary>The highest index seen.</summary>
    public ulong Highest { get; private set; }

    /// <summary>True before the first index.</summary>
    public readonly bool IsEmpty => _seen == UInt128.Zero;

    /// <summary>True when an index was seen before or is too old to tell.</summary>
    public readonly bool Contains(ulong index)
    {
        if (IsEmpty || index > Highest)
        {
            return false;
        }

        ulong age = Highest - index;
        return age >= Size || (_seen >> (int)age & UInt128.One) != UInt128.Zero;
    }

    /// <summary>Notes an index that <see cref="Contains"/> denied.</summary>
    public void Add(ulong index)
    {
        if (IsEmpty)
        {
            Highest = index;
            _seen = UInt128.One;
        }
        else if (index > Highest)
        {
            ulong step = index - Highest;
            _seen = step >= Size ? UInt128.One : (_seen << (int)step) | UInt128.One;
            Highest = index;
        }
        else
        {
            _seen |= UInt128.One << (int)(Highest - index);
        }
    }
}
