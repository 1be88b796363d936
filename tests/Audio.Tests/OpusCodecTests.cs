using Bridge.Audio.Codecs;
using Bridge.Audio.Uplink;

namespace Bridge.Audio.Tests;

public sealed class OpusCodecTests
{
    public static TheoryData<OpusEngine> Engines => OpusEngines.Both;

    [Theory]
    [InlineData(OpusEngine.LibOpus, 24000)]
    [InlineData(OpusEngine.LibOpus, 48000)]
    [InlineData(OpusEngine.Concentus, 24000)]
    [InlineData(OpusEngine.Concentus, 48000)]
    public void Speech_survives_the_codec(OpusEngine engine, int rate)
    {
        using IAudioCodec codec = engine.Make(new OpusCodecOptions { SampleRate = rate });
        short[] speech = Signals.Speech(rate, 3);
        short[] heard = RoundTrip(codec, speech);
        double likeness = Likeness(speech, heard, engine.RoundTripDelay(codec));
        Assert.True(likeness > 0.85, $"correlation {likeness:F3}");
    }

    [Theory, MemberData(nameof(Engines))]
    public void The_delay_that_the_codec_tells_is_the_delay_that_it_has(OpusEngine engine)
    {
        using IAudioCodec codec = engine.Make();
        short[] speech = Signals.Speech(24000, 3);
        short[] heard = RoundTrip(codec, speech);
        int best = Enumerable.Range(0, 400).MaxBy(delay => Likeness(speech, heard, delay));
        Assert.InRange(best, engine.RoundTripDelay(codec) - 4, engine.RoundTripDelay(codec) + 4);
    }

    [Theory, MemberData(nameof(Engines))]
    public void Redundancy_brings_back_a_lost_packet(OpusEngine engine)
    {
        using IAudioCodec codec = engine.Make(new OpusCodecOptions { Application = OpusApplication.Voip, ExpectedLossPercent = 20 });
        short[] speech = Signals.Speech(24000, 2);
        List<byte[]> packets = Encode(codec, speech);
        int carriers = packets.Count(p => codec.HasRedundancy(p));
        Assert.True(carriers > packets.Count / 2, $"{carriers} of {packets.Count} packets carry redundancy");

        int lost = Enumerable.Range(10, packets.Count - 12).First(i => codec.HasRedundancy(packets[i + 1]) && Loud(packets, i));
        short[] truth = DecodeAll(codec, packets);
        double rebuilt = Distance(truth, lost, DecodeAll(codec, packets, lost, useRedundancy: true));
        double concealed = Distance(truth, lost, DecodeAll(codec, packets, lost, useRedundancy: false));
        Assert.True(rebuilt < concealed * 0.7, $"error {rebuilt:F0} with redundancy, {concealed:F0} without");

        bool Loud(List<byte[]> all, int i) => all[i].Length > 60 && all[i + 1].Length > 60;
    }

    [Fact]
    public void Concentus_takes_no_packet_back_and_says_so()
    {
        using var codec = new ConcentusCodec();
        short[] pcm = new short[480];
        Assert.Equal(480, codec.Decode(Encode(codec, Signals.Speech(24000, 0.02))[0], pcm));
        Assert.False(codec.TakeBack());
    }

    [Theory]
    [InlineData(OpusApplication.Voip)]
    [InlineData(OpusApplication.RestrictedLowDelay)]
    public void A_packet_taken_back_leaves_no_trace(OpusApplication application)
    {
        using var codec = new OpusCodec(new OpusCodecOptions { Application = application });
        List<byte[]> packets = Encode(codec, Signals.Speech(24000, 2));
        short[] pcm = new short[AudioUplink.MaxPull];
        short[] truth = DecodeAll(codec, packets);
        codec.ResetDecoder();
        byte[] noise = new byte[100];
        var random = new Random(1);
        List<short> heard = [];
        for (int i = 0; i < packets.Count; i++)
        {
            if (i % 3 == 0)
            {
                random.NextBytes(noise);
                noise[0] = packets[i][0];
                codec.Decode(noise, pcm);
                Assert.True(codec.TakeBack());
            }

            heard.AddRange(pcm.AsSpan(0, codec.Decode(packets[i], pcm)));
        }

        Assert.Equal(truth, heard);
    }

    [Theory, MemberData(nameof(Engines))]
    public void Without_forward_error_correction_no_packet_carries_redundancy(OpusEngine engine)
    {
        using IAudioCodec codec = engine.Make(new OpusCodecOptions { Application = OpusApplication.Voip, ForwardErrorCorrection = false });
        Assert.DoesNotContain(Encode(codec, Signals.Speech(24000, 2)), p => codec.HasRedundancy(p));
    }

    [Theory, MemberData(nameof(Engines))]
    public void The_encoder_turns_to_redundancy_when_the_listener_reports_loss_and_back_when_it_is_gone(OpusEngine engine)
    {
        using IAudioCodec codec = engine.Make();
        short[] speech = Signals.Speech(24000, 2);
        int quick = codec.EncoderDelay;
        Assert.DoesNotContain(Encode(codec, speech), p => codec.HasRedundancy(p));
        codec.ExpectLoss(10);
        List<byte[]> packets = Encode(codec, speech);
        Assert.True(packets.Count(p => codec.HasRedundancy(p)) > packets.Count / 3);
        Assert.True(codec.EncoderDelay > quick);
        codec.ExpectLoss(3);
        Assert.Contains(Encode(codec, speech), p => codec.HasRedundancy(p)); // not yet: it does not flap
        codec.ExpectLoss(0);
        Assert.DoesNotContain(Encode(codec, speech), p => codec.HasRedundancy(p));
        Assert.Equal(quick, codec.EncoderDelay);
    }

    [Theory, MemberData(nameof(Engines))]
    public void Silence_is_not_sent_when_dtx_is_on(OpusEngine engine)
    {
        using IAudioCodec codec = engine.Make(new OpusCodecOptions { Application = OpusApplication.Voip, Dtx = true });
        byte[] packet = new byte[1275];
        int sent = 0;
        for (int frame = 0; frame < 150; frame++)
        {
            sent += codec.Encode(new short[480], packet) > 0 ? 1 : 0;
        }

        Assert.InRange(sent, 1, 40);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_packet_tells_how_long_it_lasts(OpusEngine engine)
    {
        using IAudioCodec codec = engine.Make();
        Assert.Equal(480, codec.Duration([0x78])); // config 15: hybrid, 20 ms
        Assert.Equal(960, codec.Duration([0x79])); // two frames
        Assert.Equal(2880, codec.Duration([0x1B, 2])); // two frames of 60 ms
        Assert.Equal((int)AudioError.InvalidPacket, codec.Duration([]));
        Assert.Equal((int)AudioError.InvalidPacket, codec.Duration([0x1B, 3])); // 180 ms
        Assert.Equal((int)AudioError.InvalidPacket, codec.Duration([0x1B, 0])); // no frame at all
    }

    [Theory, MemberData(nameof(Engines))]
    public void Noise_for_packets_is_an_error_or_a_sound_and_never_a_crash(OpusEngine engine)
    {
        using IAudioCodec codec = engine.Make();
        var random = new Random(42);
        short[] pcm = new short[AudioUplink.MaxPull];
        for (int i = 0; i < 20000; i++)
        {
            byte[] packet = new byte[random.Next(0, 200)];
            random.NextBytes(packet);
            int duration = codec.Duration(packet);
            int decoded = codec.Decode(packet, pcm);
            Assert.True(decoded < 0 || decoded == duration, $"seed 42, packet {i}: {decoded} samples, {duration} announced");
            _ = codec.HasRedundancy(packet);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_decoder_that_refused_packets_is_itself_again_after_them(OpusEngine engine)
    {
        using IAudioCodec sender = OpusEngine.LibOpus.Make(new OpusCodecOptions { SampleRate = 48000 });
        List<byte[]> packets = Encode(sender, Signals.Speech(48000, 3));
        using IAudioCodec peaceful = engine.Make();
        using IAudioCodec disturbed = engine.Make();
        var random = new Random(7);
        short[] pcm = new short[AudioUplink.MaxPull];
        short[] truth = new short[480];
        int refused = 0;
        for (int i = 0; i < packets.Count; i++)
        {
            for (int k = 0; i < 50 && k < 10; k++)
            {
                byte[] noise = new byte[random.Next(1, 200)];
                random.NextBytes(noise);
                refused += disturbed.Decode(noise, pcm) < 0 ? 1 : 0;
            }

            Assert.Equal(480, peaceful.Decode(packets[i], truth));
            Assert.Equal(480, disturbed.Decode(packets[i], pcm));
            if (i >= 130)
            {
                Assert.True(truth.Zip(pcm).Max(pair => Math.Abs(pair.First - pair.Second)) <= 2, $"seed 7, packet {i}");
            }
        }

        Assert.True(refused > 50, $"only {refused} refused");
    }

    [Theory, MemberData(nameof(Engines))]
    public void An_odd_frame_length_is_refused(OpusEngine engine)
    {
        using IAudioCodec codec = engine.Make();
        Assert.Equal((int)AudioError.BadArgument, codec.Encode(new short[479], new byte[1275]));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Make(new OpusCodecOptions { SampleRate = 44100 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Make(new OpusCodecOptions { Bitrate = -5 }));
    }

    internal static List<byte[]> Encode(IAudioCodec codec, short[] speech)
    {
        int frame = codec.SampleRate / 50;
        byte[] packet = new byte[1275];
        List<byte[]> packets = [];
        for (int at = 0; at + frame <= speech.Length; at += frame)
        {
            packets.Add(packet[..codec.Encode(speech.AsSpan(at, frame), packet)]);
        }

        return packets;
    }

    internal static short[] RoundTrip(IAudioCodec codec, short[] speech) => DecodeAll(codec, Encode(codec, speech));

    internal static short[] DecodeAll(IAudioCodec codec, List<byte[]> packets, int lost = -1, bool useRedundancy = false)
    {
        codec.ResetDecoder();
        int frame = codec.SampleRate / 50;
        short[] heard = new short[packets.Count * frame];
        for (int i = 0; i < packets.Count; i++)
        {
            Span<short> place = heard.AsSpan(i * frame, frame);
            int made = i == lost
                ? codec.Conceal(useRedundancy ? packets[i + 1] : [], place)
                : codec.Decode(packets[i], place);
            Assert.Equal(frame, made);
        }

        return heard;
    }

    private static double Distance(short[] truth, int frame, short[] heard)
    {
        double sum = 0;
        for (int i = frame * 480; i < (frame + 1) * 480; i++)
        {
            sum += Math.Pow(truth[i] - heard[i], 2);
        }

        return Math.Sqrt(sum / 480);
    }

    internal static double Likeness(short[] speech, short[] heard, int delay)
    {
        double cross = 0, a = 1, b = 1;
        for (int i = 0; i + delay < heard.Length; i++)
        {
            cross += (double)speech[i] * heard[i + delay];
            a += (double)speech[i] * speech[i];
            b += (double)heard[i + delay] * heard[i + delay];
        }

        return cross / Math.Sqrt(a * b);
    }
}
