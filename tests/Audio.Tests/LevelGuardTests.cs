using Bridge.Audio.Codecs;
using Bridge.Audio.Levels;
using Bridge.Audio.Uplink;
using static Bridge.Audio.Tests.GuardScript;

namespace Bridge.Audio.Tests;

/// <summary>A sender's own levels (RFC 6464) guard against payloads that it did not encode, and never harm those that it did.</summary>
public sealed class LevelGuardTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(OpusApplication.Voip, 16000, false)]
    [InlineData(OpusApplication.Voip, 32000, false)]
    [InlineData(OpusApplication.Voip, 32000, true)]
    [InlineData(OpusApplication.RestrictedLowDelay, 48000, false)]
    [InlineData(OpusApplication.Audio, 64000, false)]
    public void Speech_passes_from_whisper_to_shout(OpusApplication application, int bitrate, bool dtx)
    {
        var options = new OpusCodecOptions { Application = application, Bitrate = bitrate, Dtx = dtx, SampleRate = 48000 };
        foreach ((string name, short[] sound) in Utterances(48000))
        {
            // Bursts of noise at full scale and a voice three times as loud from one word to the next are the worst there is.
            (double touched, double lost) = Cost(Encode(options, sound), dtx);
            Assert.True(touched < 0.05 && lost < 0.8, $"{name}: {touched:P1} of the packets touched, {lost:F2} dB lost");
        }

        foreach ((string name, short[] sound) in SpokenLines())
        {
            (double touched, double lost) = Cost(Encode(options, sound), dtx);
            Assert.True(touched < 0.02 && lost < 0.1, $"{name}: {touched:P1} of the packets touched, {lost:F2} dB lost");
        }
    }

    [Fact]
    public void Speech_passes_through_loss()
    {
        var options = new OpusCodecOptions { Application = OpusApplication.Voip, SampleRate = 48000, ExpectedLossPercent = 10 };
        foreach ((string name, short[] sound) in SpokenLines().Append(("voice", Signals.Speech(48000, 15))))
        {
            (byte[] Payload, byte Level)[] packets = Encode(options, sound);
            var random = new Random(1);
            (_, AudioUplinkStats stats) = Play(packets, (_, level) => level, _ => random.Next(10) == 0);
            Assert.True(stats.Concealed + stats.Recovered > packets.Length / 20, $"{name}: {stats}");
            Assert.True(stats.Subdued < packets.Length / 25, $"{name}: {stats.Subdued} of {packets.Length} touched");
        }
    }

    [Fact]
    public void The_margin_is_wider_than_any_excess_of_speech()
    {
        foreach (int bitrate in new[] { 16000, 24000, 48000 })
        {
            var options = new OpusCodecOptions { Application = OpusApplication.Voip, Bitrate = bitrate, SampleRate = 48000 };
            foreach ((string name, short[] sound) in Utterances(48000))
            {
                double furthest = Furthest(Encode(options, sound));
                Assert.True(furthest < LevelGuard.Margin - 1, $"{name} at {bitrate} bit/s: {furthest:F2} dB over what was announced");
            }
        }
    }

    [Theory]
    [InlineData(1, 0.02)]
    [InlineData(1, 0.1)]
    [InlineData(0.25, 0.1)]
    [InlineData(0.25, 0.4)]
    [InlineData(0.03, 0.4)]
    public void Corrupt_payloads_are_no_louder_than_the_speech(double gain, double share)
    {
        double most = double.MinValue;
        foreach ((string name, short[] sound) in SpokenLines().Append(("voice", Signals.Speech(48000, 15))))
        {
            short[] speech = [.. sound.Select(x => (short)(x * gain))];
            foreach (OpusApplication application in new[] { OpusApplication.Voip, OpusApplication.RestrictedLowDelay })
            {
                (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { Application = application, SampleRate = 48000 }, speech);
                double clean = Math.Max(Signals.Peak(Decode(packets)), 292.0); // what is below -41 dBFS is no click
                for (int seed = 0; seed < 4; seed++)
                {
                    // From the first packet on, or after three seconds in peace.
                    (byte[] Payload, byte Level)[] damaged = Damage(packets, seed, share, from: seed % 2 * 150);
                    double over = Signals.Decibel(Signals.Peak(Play(damaged, (_, level) => level).Heard) / clean);
                    Assert.True(over < 1.5, $"{name}, {application}, seed {seed}: {over:F1} dB above the speech");
                    most = Math.Max(most, Signals.Decibel(Signals.Peak(Decode(damaged)) / clean));
                }
            }
        }

        // Otherwise there is nothing to guard against here.
        Assert.True(most > Math.Min(12, -Signals.Decibel(gain) + 6), $"unguarded only {most:F1} dB above the speech");
    }

    [Theory]
    [InlineData(true, 0.02, 1.5)]
    [InlineData(true, 0.1, 1.5)]
    [InlineData(true, 0.4, 1.5)]
    [InlineData(false, 0.02, 11)]
    [InlineData(false, 0.1, 11)]
    [InlineData(false, 0.4, 18.5)]
    public void A_decoder_that_takes_nothing_back_is_turned_down_instead(bool announced, double share, double bound)
    {
        double most = double.MinValue;
        double unguarded = double.MinValue;
        long subdued = 0;
        short[] speech = [.. Signals.Speech(48000, 15).Select(x => (short)(x * 0.25))];
        foreach (OpusApplication application in new[] { OpusApplication.Voip, OpusApplication.RestrictedLowDelay })
        {
            (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { Application = application, SampleRate = 48000 }, speech);
            double clean = Signals.Peak(Decode(packets));
            for (int seed = 0; seed < 4; seed++)
            {
                // After five seconds in peace: without levels, a habit has to be heard first.
                (byte[] Payload, byte Level)[] damaged = Damage(packets, seed, share, from: 250);
                (short[] heard, AudioUplinkStats stats) = Play(damaged, (_, level) => announced ? level : null, engine: OpusEngine.Concentus);
                subdued += stats.Subdued;
                most = Math.Max(most, Signals.Decibel(Signals.Peak(heard) / clean));
                unguarded = Math.Max(unguarded, Signals.Decibel(Signals.Peak(Decode(damaged)) / clean));
            }
        }

        output.WriteLine($"{most:F1} dB above the speech, {unguarded:F1} unguarded; {subdued} packets turned down");
        Assert.True(subdued > 0);
        Assert.True(most < bound, $"{most:F1} dB above the speech, {unguarded:F1} unguarded");
        Assert.True(unguarded > 18, $"unguarded only {unguarded:F1} dB above the speech");
    }

    [Fact]
    public void A_corrupt_payload_spoils_nothing_that_comes_after_it()
    {
        (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { Application = OpusApplication.RestrictedLowDelay, SampleRate = 48000 }, Signals.Speech(48000, 15));
        (byte[] Payload, byte Level)[] loud = Encode(new OpusCodecOptions { Application = OpusApplication.RestrictedLowDelay, SampleRate = 48000 }, Hiss(48000, 32000, 1));
        (byte[] Payload, byte Level)[] spoilt = [.. packets];
        for (int i = 100; i < packets.Length; i += 50)
        {
            spoilt[i].Payload = loud[i % 50].Payload;
        }

        short[] heard = Play(spoilt, (_, level) => level).Heard;
        short[] truth = Decode(packets);
        double rest = Rest(heard);
        double rested = Rest(Play(packets, (_, level) => level, i => i >= 100 && i % 50 == 0).Heard);
        Assert.True(rest <= rested * 1.5, $"off by {rest:F0} after corrupt packets, by {rested:F0} after lost ones, by {Rest(Decode(spoilt)):F0} unguarded");
        Assert.True(Rest(Decode(spoilt)) > rest * 2, $"off by {rest:F0} after corrupt packets, by {Rest(Decode(spoilt)):F0} unguarded");

        // How far the packets after each corrupt one are from what they would have been, RMS.
        double Rest(short[] sound) => Math.Sqrt(Enumerable.Range(2, (packets.Length / 50) - 3).Average(burst =>
        {
            int at = ((burst * 50) + 1) * 480;
            return Enumerable.Range(at, 480 * 10).Average(i => Math.Pow(sound[i] - truth[i], 2));
        }));
    }

    [Theory]
    [InlineData(127)]
    [InlineData(50)]
    [InlineData(30)]
    public void A_sender_whose_levels_do_not_follow_its_sound_is_let_go_within_eight_packets(byte always)
    {
        (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { SampleRate = 48000 }, Signals.Speech(48000, 10));
        (short[] heard, AudioUplinkStats stats) = Play(packets, (_, _) => always);
        Assert.InRange(stats.Subdued, 0, 8);
        short[] plain = Play(packets, (_, _) => null).Heard;
        Assert.Equal(LevelMeter.Measure(plain.AsSpan(24000)), LevelMeter.Measure(heard.AsSpan(24000)), 0.1f);
    }

    [Fact]
    public void A_sender_whose_levels_stop_following_is_soon_let_go()
    {
        (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { SampleRate = 48000 }, Signals.Speech(48000, 20));
        (_, AudioUplinkStats stats) = Play(packets, (i, level) => i < 200 ? level : (byte)127);
        Assert.InRange(stats.Subdued, 1, 100);
    }

    [Fact]
    public void Judging_allocates_nothing()
    {
        var guard = new LevelGuard();
        short[] frame = new short[480];

        // What judging allocates it allocates in each round; what the runtime does on this thread while it warms up, in one.
        Assert.Equal(0, Enumerable.Range(0, 4).Min(_ => Judge()));
        Assert.True(guard.Caught > 0);

        long Judge()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                frame.AsSpan().Fill((short)(i % 7 == 0 ? 30000 : 300 << (i % 5)));
                guard.Judge(frame, (byte)(41 - (6 * (i % 5))));
                guard.JudgeConcealed(frame, null);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    /// <summary>The share of packets that were not let pass as they are, and by how many dB the whole has become quieter.</summary>
    private static (double Touched, double Lost) Cost((byte[] Payload, byte Level)[] packets, bool dtx)
    {
        (short[] guarded, AudioUplinkStats stats) = Play(packets, (_, level) => level);
        double lost = dtx ? 0 : LevelMeter.Measure(Decode(packets)) - LevelMeter.Measure(guarded); // with DTX the uplink fills in what was not sent
        return ((double)stats.Subdued / packets.Length, lost);
    }

    /// <summary>By how many dB the loudest packet, as decoded, exceeds the louder of its level and the one before.</summary>
    private static double Furthest((byte[] Payload, byte Level)[] packets)
    {
        using var codec = new OpusCodec();
        short[] pcm = new short[AudioUplink.MaxPull];
        double furthest = double.MinValue;
        for (int i = 0; i < packets.Length; i++)
        {
            int count = codec.Decode(packets[i].Payload, pcm);
            double told = -packets[Math.Max(0, i - 9)..(i + 1)].Min(packet => packet.Level);
            furthest = Math.Max(furthest, LevelMeter.Measure(pcm.AsSpan(0, Math.Max(0, count))) - Math.Max(told, -50));
        }

        return furthest;
    }
}
