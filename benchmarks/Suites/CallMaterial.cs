using Bridge.Audio.Codecs;
using Bridge.Audio.Levels;
using Bridge.Audio.Resampling;
using Bridge.Benchmarks.Quality;

namespace Bridge.Benchmarks.Suites;

/// <summary>Speech as PCM and as packets, for the suites that need some.</summary>
internal static class CallMaterial
{
    private static readonly Lazy<short[]> Wide = new(
        () => [.. SpeechSample.Load().Samples.Take(48000 * 5).Select(x => (short)(x * 32767))]);

    internal static short[] Speech48 => Wide.Value;

    internal static short[] Speech24 { get; } = Halve();

    internal static byte[][] Packets(OpusCodecOptions options)
    {
        using var codec = new OpusCodec(options);
        short[] pcm = options.SampleRate == 48000 ? Speech48 : Speech24;
        int frame = options.SampleRate / 50;
        byte[] packet = new byte[1275];
        return [.. Enumerable.Range(0, pcm.Length / frame).Select(i => packet[..codec.Encode(pcm.AsSpan(i * frame, frame), packet)])];
    }

    /// <summary>Level of each of the packets, -dBov, as a browser announces it (RFC 6464).</summary>
    internal static byte[] Levels() =>
        [.. Enumerable.Range(0, Speech48.Length / 960).Select(i => (byte)Math.Round(-LevelMeter.Measure(Speech48.AsSpan(i * 960, 960))))];

    private static short[] Halve()
    {
        short[] output = new short[Speech48.Length / 2];
        new PolyphaseResampler(48000, 24000).Process(Speech48, output);
        return output;
    }
}
