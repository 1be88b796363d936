namespace Bridge.Audio.Codecs;

/// <summary>
/// Both directions of ITU-T G.711 as tables. Samples are int16, that is the standard's 14-bit (µ) or 13-bit (A) values
/// moved to the top.
/// </summary>
internal sealed class G711Tables
{
    private static readonly G711Tables Mu = new(ExpandMu);
    private static readonly G711Tables A = new(ExpandA);

    private readonly short[] _linear = new short[256];
    private readonly byte[] _compressed = new byte[1 << 14];

    private G711Tables(Func<byte, short> expand)
    {
        for (int code = 0; code < 256; code++)
        {
            _linear[code] = expand((byte)code);
        }

        // The nearest code of each value: 14 bits of it tell all that either law can.
        (short Value, byte Code)[] sorted =
        [
            .. _linear.Select((value, code) => (value, (byte)code)).OrderBy(pair => pair.value).ThenBy(pair => pair.Item2),
        ];
        int at = 0;
        for (int value = -32768; value < 32768; value += 4)
        {
            int middle = value + 2;
            while (at < 255 && Math.Abs(sorted[at + 1].Value - middle) <= Math.Abs(sorted[at].Value - middle))
            {
                at++;
            }

            _compressed[(ushort)(short)value >> 2] = sorted[at].Code;
        }
    }

    internal ReadOnlySpan<short> Linear => _linear;

    /// <summary>Codes by the upper 14 bits of the sample.</summary>
    internal ReadOnlySpan<byte> Compressed => _compressed;

    internal static G711Tables For(G711Law law) => law == G711Law.Mu ? Mu : A;

    /// <summary>µ-law (G.711 §3.2, table 2a): all bits inverted; sign, 3 bits of segment, 4 of step; bias 33 of 14 bits.</summary>
    private static short ExpandMu(byte code)
    {
        int bits = ~code & 0xFF;
        int segment = (bits >> 4) & 7;
        int magnitude = ((((bits & 0xF) << 1) + 33) << segment) - 33;
        return (short)((bits & 0x80) != 0 ? -magnitude * 4 : magnitude * 4);
    }

    /// <summary>A-law (G.711 §3.1, table 1a): even bits inverted; sign, 3 bits of segment, 4 of step; 13 bits.</summary>
    private static short ExpandA(byte code)
    {
        int bits = code ^ 0x55;
        int segment = (bits >> 4) & 7;
        int step = ((bits & 0xF) << 1) + 1;
        int magnitude = segment == 0 ? step : (step + 32) << (segment - 1);
        return (short)((bits & 0x80) != 0 ? magnitude * 8 : -magnitude * 8);
    }
}
