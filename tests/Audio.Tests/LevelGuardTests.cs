using static Bridge.Audio.Tests.CallerScript;

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
            (short[] plain, _) = Play(packets, (_, _) => null);
            (short[] guarded, AudioUplinkStats stats) = Play(packets, (_, level) => level);
            Assert.True(stats.Subdued == 0, $"{name}: {stats.Subdued} packets touched; furthest over {Furthest(packets):F1} dB");
            Assert.Equal(plain, guarded);
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
                loudest = Math.Max(loudest, Signals.Peak(Play(spoilt, (_, _) => null).Heard));
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

    /// <summary>Sudden and uneven speech, at a rate in Hz.</summary>
    private static IEnumerable<(string Name, short[] Sound)> Utterances(int rate)
    {
        short[] voice = Signals.Speech(rate, 6);
        short[] loud = [.. voice.Select(x => (short)Math.Clamp(x * 32767 / 12000, short.MinValue, short.MaxValue))];
        yield return ("voice", voice);
        yield return ("shouting", loud);
        yield return ("shouting into clipping", [.. voice.Select(x => (short)Math.Clamp(x * 8, short.MinValue, short.MaxValue))]);
        yield return ("whispers after shouting", [.. loud.Take(rate * 3), .. Hiss(rate * 3, 80, 1), .. loud.Take(rate)]);

        // Each onset falls elsewhere in its packet.
        for (int seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            List<short> onsets = [.. voice.Take(rate)];
            List<short> plosives = [.. voice.Take(rate)];
            while (onsets.Count < rate * 10)
            {
                int at = random.Next(rate / 4);
                onsets.AddRange(new short[random.Next(rate / 2)]);
                onsets.AddRange(loud.Skip(at + (rate / 20)).Take(rate / 8));
                plosives.AddRange(Hiss(random.Next(rate / 4), 30, seed));
                plosives.AddRange(Hiss(random.Next(rate / 1000, rate / 50), random.Next(8000, 32767), seed)); // 1 to 20 ms
                plosives.AddRange(voice.Skip(at).Take(rate / 10));
            }

            yield return ($"onsets, seed {seed}", [.. onsets]);
            yield return ($"plosives, seed {seed}", [.. plosives]);
        }
    }

    private static short[] Hiss(int count, int amplitude, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (short)random.Next(-amplitude, amplitude + 1))];
    }

    /// <summary>After two seconds: one packet in five with flipped bits, one in five noise.</summary>
    private static (byte[] Payload, byte Level)[] Spoil((byte[] Payload, byte Level)[] packets, int seed)
    {
        var random = new Random(seed);
        return [.. packets.Select((packet, i) =>
        {
            byte[] payload = [.. packet.Payload];
            if (i >= 100 && i % 5 == 0)
            {
                for (int flips = random.Next(1, 5); flips > 0; flips--)
                {
                    payload[random.Next(payload.Length)] ^= (byte)(1 << random.Next(8));
                }
            }
            else if (i >= 100 && i % 5 == 2)
            {
                byte toc = payload[0];
                payload = new byte[random.Next(3, 200)];
                random.NextBytes(payload);
                payload[0] = random.Next(2) == 0 ? toc : (byte)(payload[0] & 0xFC);
            }

            return (payload, packet.Level);
        })];
    }

    private static (byte[] Payload, byte Level)[] Encode(OpusCodecOptions options, short[] sound)
    {
        using var codec = new OpusCodec(options);
        List<byte[]> payloads = OpusCodecTests.Encode(codec, sound);
        int frame = options.SampleRate / 50;
        return [.. payloads.Select((payload, i) => (payload, (byte)Math.Round(-LevelMeter.Measure(sound.AsSpan(i * frame, frame)))))];
    }

    private static (short[] Heard, AudioUplinkStats Stats) Play((byte[] Payload, byte Level)[] packets, Func<int, byte, byte?> announce)
    {
        using var codec = new OpusCodec();
        var uplink = new AudioUplink(codec);
        var call = new CallerScript(uplink);
        for (int i = 0, sequence = 0; i < packets.Length; i++)
        {
            if (packets[i].Payload.Length > 0)
            {
                call.Send(Ms(i * 20), sequence++, i * 960, packets[i].Payload, level: announce(i, packets[i].Level));
            }
        }

        call.RunUntil(Ms(packets.Length * 20));
        return ([.. call.Heard], uplink.Stats);
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
