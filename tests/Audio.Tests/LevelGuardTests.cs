using static Bridge.Audio.Tests.GuardScript;

namespace Bridge.Audio.Tests;

/// <summary>What a sender's own levels (RFC 6464) do against payloads that are not what it encoded, and that they never harm what is.</summary>
public sealed class LevelGuardTests
{
    [Theory]
    [InlineData(OpusApplication.Voip, 16000, false)]
    [InlineData(OpusApplication.Voip, 32000, false)]
    [InlineData(OpusApplication.Voip, 32000, true)]
    [InlineData(OpusApplication.RestrictedLowDelay, 48000, false)]
    [InlineData(OpusApplication.Audio, 64000, false)]
    public void Speech_passes_bit_by_bit_from_whisper_to_shout(OpusApplication application, int bitrate, bool dtx)
    {
        var options = new OpusCodecOptions { Application = application, Bitrate = bitrate, Dtx = dtx, SampleRate = 48000 };
        foreach ((string name, short[] sound) in Utterances(48000))
        {
            (byte[] Payload, byte Level)[] packets = Encode(options, sound);
            (short[] guarded, AudioUplinkStats stats) = Play(packets, (_, level) => level);
            Assert.True(stats.Subdued == 0, $"{name}: {stats.Subdued} packets touched; furthest over {Furthest(packets):F1} dB");
            if (!dtx)
            {
                Assert.Equal(Decode(packets), guarded); // with DTX the uplink fills in what was not sent
            }
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
    [InlineData(300)]
    [InlineData(3000)]
    [InlineData(12000)]
    public void Corrupt_payloads_are_no_louder_than_the_speech(int peak)
    {
        short[] speech = [.. Signals.Speech(48000, 20).Select(x => (short)(x * peak / 12000))];
        foreach (OpusApplication application in new[] { OpusApplication.Voip, OpusApplication.RestrictedLowDelay })
        {
            (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { Application = application, SampleRate = 48000 }, speech);
            short clean = Signals.Peak(Play(packets, (_, level) => level).Heard);
            double bound = Math.Max(clean * 2.5, 1100); // 8 dB, or -30 dBFS for whispers
            short loudest = 0;
            for (int seed = 0; seed < 4; seed++)
            {
                (byte[] Payload, byte Level)[] spoilt = Spoil(packets, seed);
                (short[] heard, AudioUplinkStats stats) = Play(spoilt, (_, level) => level);
                short guarded = Signals.Peak(heard);
                Assert.True(guarded <= bound, $"seed {seed}, {application}: peak {guarded} where speech has {clean}; {stats.Subdued} subdued");
                loudest = Math.Max(loudest, Signals.Peak(Decode(spoilt)));
            }

            // Otherwise there is nothing to guard against here.
            Assert.True(loudest > bound, $"{application}: unguarded only {loudest} where speech has {clean}");
        }
    }

    [Theory]
    [InlineData(127)]
    [InlineData(50)]
    [InlineData(30)]
    public void A_sender_whose_levels_do_not_follow_its_sound_is_not_judged(byte always)
    {
        (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { SampleRate = 48000 }, Signals.Speech(48000, 10));
        (short[] heard, AudioUplinkStats stats) = Play(packets, (_, _) => always);
        Assert.Equal(0, stats.Subdued);
        Assert.Equal(Play(packets, (_, _) => null).Heard, heard);
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
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            frame.AsSpan().Fill((short)(i % 7 == 0 ? 30000 : 300 << (i % 5)));
            guard.Hold(frame, (byte)(41 - (6 * (i % 5))));
            guard.HoldConcealed(frame, null);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(guard.Held > 0);
    }

    /// <summary>By how many dB the loudest packet, as decoded, exceeds the louder of its level and the one before.</summary>
    private static double Furthest((byte[] Payload, byte Level)[] packets)
    {
        using var codec = new OpusCodec();
        short[] pcm = new short[AudioUplink.LongestPull];
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
