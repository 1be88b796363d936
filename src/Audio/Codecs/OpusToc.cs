namespace Bridge.Audio.Codecs;

/// <summary>
/// The first bytes of an Opus packet (RFC 6716 §3.1): <c>config(5) stereo(1) code(2)</c>, then the frames.
/// </summary>
internal readonly struct OpusToc
{
    private const int MaxPacket48k = 5760;

    private OpusToc(byte toc, int frameCount)
    {
        Config = toc >> 3;
        IsStereo = (toc & 4) != 0;
        FrameCount = frameCount;
    }

    /// <summary>0-11 SILK, 12-15 hybrid, 16-31 CELT (RFC 6716 table 2).</summary>
    internal int Config { get; }

    internal bool IsStereo { get; }

    internal int FrameCount { get; }

    internal bool IsCeltOnly => Config >= 16;

    /// <summary>Length of one frame in samples of 48 kHz.</summary>
    internal int FrameSamples48k => Config switch
    {
        < 12 => (Config & 3) switch { 0 => 480, 1 => 960, 2 => 1920, _ => 2880 },
        < 16 => (Config & 1) == 0 ? 480 : 960,
        _ => 120 << (Config & 3),
    };

    internal int Samples48k => FrameCount * FrameSamples48k;

    internal static bool TryParse(ReadOnlySpan<byte> packet, out OpusToc toc)
    {
        toc = default;
        if (packet.IsEmpty)
        {
            return false;
        }

        int frames = (packet[0] & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => packet.Length > 1 ? packet[1] & 0x3F : 0,
        };
        toc = new OpusToc(packet[0], frames);

        // RFC 6716 §3.2.5, R5: at least one frame, at most 120 ms.
        return frames > 0 && toc.Samples48k <= MaxPacket48k;
    }

    /// <summary>
    /// Reads the LBRR flag of a SILK or hybrid packet. The SILK header starts with one VAD bit per 20 ms, then the LBRR
    /// bit (RFC 6716 §4.2.3); all are coded with even odds, so they are the top bits of the first byte as they stand.
    /// Packets with more than one Opus frame have their redundancy in the first frame.
    /// </summary>
    internal static bool HasRedundancy(ReadOnlySpan<byte> packet)
    {
        if (!TryParse(packet, out OpusToc toc) || toc.IsCeltOnly)
        {
            return false;
        }

        int header = FirstFrameOffset(packet);
        if (header < 0 || header >= packet.Length)
        {
            return false;
        }

        int silkFrames = Math.Max(1, toc.FrameSamples48k / 960);
        int first = packet[header];
        bool mid = ((first >> (7 - silkFrames)) & 1) != 0;
        return mid || (toc.IsStereo && ((first >> (6 - (2 * silkFrames))) & 1) != 0);
    }

    private static int FirstFrameOffset(ReadOnlySpan<byte> packet)
    {
        switch (packet[0] & 3)
        {
            case 0 or 1:
                return 1;
            case 2:
                return packet.Length < 2 ? -1 : packet[1] < 252 ? 2 : 3;
        }

        bool variable = (packet[1] & 0x80) != 0;
        int offset = 2;
        if ((packet[1] & 0x40) != 0)
        {
            // Padding length: 255 means 254 bytes and one more length byte (§3.2.5).
            while (offset < packet.Length && packet[offset] == 255)
            {
                offset++;
            }

            offset++;
        }

        for (int i = 1; variable && i < (packet[1] & 0x3F); i++)
        {
            if (offset >= packet.Length)
            {
                return -1;
            }

            offset += packet[offset] < 252 ? 1 : 2;
        }

        return offset;
    }
}
