using Bridge.Audio.Codecs;
using Bridge.Audio.Levels;

namespace Bridge.Audio.Tests;

/// <summary>
/// Two decoders that share no line of code, on the packets of either encoder: where they agree, neither is wrong by itself.
/// </summary>
public sealed class OpusOracleTests(ITestOutputHelper output)
{
    public static TheoryData<OpusEngine> Engines => OpusEngines.Both;

    [Theory, MemberData(nameof(Engines))]
    public void Both_decode_SILK_to_the_same_bits(OpusEngine encoder)
    {
        List<byte[]> packets = Packets(
            encoder, new OpusCodecOptions { Application = OpusApplication.Voip, SampleRate = 16000, Bitrate = 16000 });
        Assert.All(packets, packet => Assert.True(packet[0] >> 3 < 12, "not SILK alone"));
        Assert.Equal(Decode(OpusEngine.LibOpus, packets), Decode(OpusEngine.Concentus, packets));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Both_rebuild_the_same_bits_from_redundancy(OpusEngine encoder)
    {
        List<byte[]> packets = Packets(
            encoder, new OpusCodecOptions
            {
                Application = OpusApplication.Voip, SampleRate = 16000, Bitrate = 24000, ExpectedLossPercent = 20,
            });
        Assert.All(packets, packet => Assert.True(packet[0] >> 3 < 12, "not SILK alone"));
        using IAudioCodec libopus = OpusEngine.LibOpus.Make(At48kHz);
        using IAudioCodec concentus = OpusEngine.Concentus.Make(At48kHz);
        short[] one = new short[960];
        short[] other = new short[960];
        int rebuilt = 0;
        for (int i = 0; i < packets.Count - 1; i++)
        {
            if (i % 10 == 5 && libopus.HasRedundancy(packets[i + 1]))
            {
                rebuilt++;
                Assert.Equal(960, libopus.Conceal(packets[i + 1], one));
                Assert.Equal(960, concentus.Conceal(packets[i + 1], other));
            }
            else
            {
                Assert.Equal(960, libopus.Decode(packets[i], one));
                Assert.Equal(960, concentus.Decode(packets[i], other));
            }

            Assert.Equal(one, other);
        }

        Assert.True(rebuilt > 5, $"only {rebuilt} packets rebuilt");
    }

    [Theory, MemberData(nameof(Engines))]
    public void Both_decode_CELT_alike_to_60_dB(OpusEngine encoder)
    {
        foreach (int rate in new[] { 24000, 48000 })
        {
            List<byte[]> packets = Packets(encoder, new OpusCodecOptions { SampleRate = rate });
            Assert.All(packets, packet => Assert.True(packet[0] >> 3 >= 16, "not CELT alone"));
            double agreement = Agreement(Decode(OpusEngine.LibOpus, packets), Decode(OpusEngine.Concentus, packets));
            output.WriteLine($"{encoder} at {rate} Hz: {agreement:F1} dB");
            Assert.True(agreement > 60, $"at {rate} Hz the decoders agree to {agreement:F1} dB");
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public void Both_decode_hybrid_packets_alike_to_80_dB(OpusEngine encoder)
    {
        List<byte[]> packets = Packets(
            encoder, new OpusCodecOptions { Application = OpusApplication.Voip, SampleRate = 48000, Bitrate = 32000 });
        Assert.All(packets, packet => Assert.InRange(packet[0] >> 3, 12, 15));
        double agreement = Agreement(Decode(OpusEngine.LibOpus, packets), Decode(OpusEngine.Concentus, packets));
        output.WriteLine($"{encoder}: {agreement:F1} dB");
        Assert.True(agreement > 80, $"the decoders agree to {agreement:F1} dB");
    }

    [Theory, MemberData(nameof(Engines))]
    public void At_24_kHz_hybrid_packets_keep_their_low_band(OpusEngine encoder)
    {
        // Below 48 kHz the decoder of Concentus loses it, and most of the voice with it.
        List<byte[]> packets = Packets(
            encoder, new OpusCodecOptions { Application = OpusApplication.Voip, SampleRate = 48000, Bitrate = 32000 });
        using IAudioCodec libopus = OpusEngine.LibOpus.Make();
        using IAudioCodec concentus = OpusEngine.Concentus.Make();
        float one = LevelMeter.Measure(OpusCodecTests.DecodeAll(libopus, packets));
        float other = LevelMeter.Measure(OpusCodecTests.DecodeAll(concentus, packets));
        Assert.Equal(one, other, 0.2f);
    }

    private static OpusCodecOptions At48kHz => new() { SampleRate = 48000 };

    private static List<byte[]> Packets(OpusEngine encoder, OpusCodecOptions options)
    {
        using IAudioCodec codec = encoder.Make(options);
        return OpusCodecTests.Encode(codec, Signals.Speech(options.SampleRate, 4));
    }

    private static short[] Decode(OpusEngine decoder, List<byte[]> packets)
    {
        using IAudioCodec codec = decoder.Make(At48kHz);
        return OpusCodecTests.DecodeAll(codec, packets);
    }

    /// <summary>Energy of the sound over that of the difference, dB.</summary>
    private static double Agreement(short[] one, short[] other)
    {
        double energy = one.Sum(x => (double)x * x);
        double difference = one.Zip(other, (a, b) => Math.Pow(a - b, 2)).Sum();
        return 10 * Math.Log10(energy / Math.Max(1, difference));
    }
}
