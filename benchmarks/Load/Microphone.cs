using Bridge.Audio.Codecs;
using Bridge.Benchmarks.Suites;

namespace Bridge.Benchmarks.Load;

/// <summary>
/// The callers' sound as Opus packets of 20 ms: speech, or a quiet room with a faint tone of 20 ms twice a second. The tone is far above
/// the room and far below speech: it tells when a certain packet came out at the other end, and no turn detection takes it for a word.
/// </summary>
internal static class Microphone
{
    /// <summary>Packets from one tone to the next.</summary>
    internal const int Spacing = 25;

    /// <summary>The place of the tone within the packets of a spacing.</summary>
    internal const int Place = 12;

    private const int Frame = 960;
    private const int Packets = 250;
    private const int Room = 18; // sample values, about -65 dBFS
    private const int Tone = 150; // about -50 dBFS
    private const double Threshold = 35; // root mean square between the two

    /// <summary>Speech of five seconds.</summary>
    internal static byte[][] Speech() => CallMaterial.Packets(new OpusCodecOptions { SampleRate = 48_000 });

    /// <summary>The room and its tones.</summary>
    internal static byte[][] Tones()
    {
        using OpusCodec codec = new(new OpusCodecOptions { SampleRate = 48_000 });
        Random random = new(1);
        short[] pcm = new short[Frame];
        byte[] packet = new byte[1275];
        byte[][] packets = new byte[Packets][];
        for (int i = 0; i < Packets; i++)
        {
            for (int k = 0; k < Frame; k++)
            {
                double tone = IsTone(i) ? Tone * Math.Sin(k * 2 * Math.PI * 1000 / 48_000) : 0;
                pcm[k] = (short)(random.Next(-Room, Room + 1) + tone);
            }

            packets[i] = packet[..codec.Encode(pcm, packet)];
        }

        return packets;
    }

    /// <summary>Whether the packet of this number carries the tone.</summary>
    internal static bool IsTone(int packet) => packet % Spacing == Place;

    /// <summary>Whether the tone is in this sound.</summary>
    internal static bool HasTone(ReadOnlySpan<short> pcm)
    {
        double sum = 0;
        foreach (short sample in pcm)
        {
            sum += sample * sample;
        }

        return pcm.Length > 0 && sum / pcm.Length > Threshold * Threshold;
    }
}
