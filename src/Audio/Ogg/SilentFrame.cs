namespace Bridge.Audio.Ogg;

/// <summary>A frame that decodes to silence: CELT, full band, mono, its silence flag set (RFC 6716 §4.3).</summary>
internal static class SilentFrame
{
    /// <summary>Samples of 48 kHz: 20 ms.</summary>
    internal const int Longest = 960;

    /// <summary>Samples of 48 kHz: 2.5 ms.</summary>
    internal const int Shortest = 120;

    /// <summary>Bytes of the packet.</summary>
    internal const int Bytes = 3;

    // The configurations 28 to 31 are 2.5, 5, 10 and 20 ms.
    internal static byte Toc(int samples) => (byte)((samples switch { 960 => 31, 480 => 30, 240 => 29, _ => 28 }) << 3);

    internal static void Write(Span<byte> packet, int samples) => (packet[0], packet[1], packet[2]) = (Toc(samples), 0xFF, 0xFE);
}
