using Bridge.Audio.Codecs;
using Bridge.Audio.Levels;
using Bridge.Audio.Uplink;
using static Bridge.Audio.Tests.GuardScript;

namespace Bridge.Audio.Tests;

/// <summary>The bound on the sound of senders that announce no levels, and that it lets speech be.</summary>
public sealed class PeakGuardTests
{
    [Theory]
    [InlineData(1200)]
    [InlineData(3000)]
    public void Corrupt_payloads_without_levels_are_bounded_by_the_speech(int peak)
    {
        short[] speech = [.. Signals.Speech(48000, 13).Select(x => (short)(x * peak / 12000))];
        List<double> over = [];
        List<double> unguarded = [];
        foreach (OpusApplication application in new[] { OpusApplication.Voip, OpusApplication.RestrictedLowDelay })
        {
            (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { Application = application, SampleRate = 48000 }, speech);
            for (int seed = 0; seed < 12; seed++)
            {
                // The habit is known after five seconds.
                (byte[] Payload, byte Level)[] spoilt = Damage(packets, seed, 0.02, from: 250);
                (short[] heard, _) = Play(spoilt, (_, _) => null);
                over.Add(Signals.Decibel((double)Signals.Peak(heard) / peak));
                unguarded.Add(Signals.Decibel((double)Signals.Peak(Decode(spoilt)) / peak));
                Assert.True(
                    over[^1] < 15, $"seed {seed}, {application}: {over[^1]:F1} dB above the speech, {unguarded[^1]:F1} without the guard");
            }
        }

        over.Sort();
        unguarded.Sort();
        Assert.True(over[12] < 8, $"median {over[12]:F1} dB above the speech");
        Assert.True(unguarded[12] > over[12] + 8, $"median {over[12]:F1} dB above the speech, {unguarded[12]:F1} without the guard");
    }

    [Fact]
    public void A_single_click_in_clean_speech_is_bounded_however_rare_and_wherever()
    {
        (byte[] Payload, byte Level)[] packets = Encode(
            new OpusCodecOptions { SampleRate = 48000 }, [.. Signals.Speech(48000, 30).Select(x => (short)(x / 6))]);
        (byte[] Payload, byte Level)[] loud = Encode(new OpusCodecOptions { SampleRate = 48000 }, Hiss(48000, 32000, 1));
        short clean = Signals.Peak(Play(packets, (_, _) => null).Heard);
        for (int i = 350; i < packets.Length; i += 97)
        {
            packets[i] = loud[i % loud.Length];
        }

        (short[] heard, AudioUplinkStats stats) = Play(packets, (_, _) => null);
        Assert.InRange(Signals.Peak(heard), clean, clean * 3);
        Assert.True(stats.Subdued >= 5, $"{stats.Subdued} subdued");
    }

    [Fact]
    public void Speech_without_levels_keeps_its_level_at_any_gain_through_pauses_and_onsets()
    {
        foreach ((string name, short[] sound) in Voices())
        {
            foreach (double gain in new[] { 0.1, 1 })
            {
                short[] spoken = [.. sound.Select(x => (short)Math.Clamp(x * gain, short.MinValue, short.MaxValue))];
                (byte[] Payload, byte Level)[] packets = Encode(
                    new OpusCodecOptions { Application = OpusApplication.Voip, SampleRate = 48000 }, spoken);
                (short[] heard, AudioUplinkStats stats) = Play(packets, (_, _) => null);
                double lost = LevelMeter.Measure(Decode(packets)) - LevelMeter.Measure(heard);
                Assert.True(
                    stats.Subdued <= packets.Length / 40 && lost < 0.7,
                    $"{name} at {gain}: {stats.Subdued} of {packets.Length} packets touched, {lost:F2} dB lost");
            }
        }
    }

    [Fact]
    public void A_loud_voice_without_levels_passes_whichever_its_first_words()
    {
        foreach ((string name, short[] sound) in SpokenLines().Append(("voice", Signals.Speech(48000, 12))))
        {
            foreach (double gain in new[] { 0.5, 1, 2 })
            {
                // After a second of silence the voice begins anywhere in the line: soft syllables may come before the first loud one.
                double full = gain * short.MaxValue / Signals.Peak(sound);
                for (int cut = 0; cut < 20; cut++)
                {
                    IEnumerable<short> spoken = sound.Skip(cut * sound.Length / 40).Take(48000 * 5)
                        .Select(x => (short)Math.Clamp(x * full, short.MinValue, short.MaxValue));
                    var guard = new PeakGuard();
                    int touched = new short[48000].Concat(spoken).Chunk(960)
                        .Count(pcm => guard.Judge(LevelMeter.MeasurePeak(pcm), LevelMeter.Measure(pcm)) > 0);
                    Assert.True(touched <= 2, $"{name} at {gain}, cut {cut}: {touched} packets touched");
                }
            }
        }
    }

    [Fact]
    public void A_habit_is_known_after_a_second_of_speech_and_not_sooner()
    {
        var guard = new PeakGuard();
        guard.Judge(peak: -90, level: -96);
        for (int voiced = 0; voiced < 49; voiced++)
        {
            Assert.Equal(0, guard.Judge(peak: -20, level: -30));
        }

        Assert.Equal(0, guard.JudgeConcealed(peak: -1));
        Assert.Equal(0, guard.Judge(peak: -20, level: -30));
        Assert.InRange(guard.JudgeConcealed(peak: -1), 5, 20);
        Assert.InRange(guard.Judge(peak: -1, level: -11), 5, 20);
    }

    [Fact]
    public void A_voice_that_is_raised_by_28_decibels_is_believed_within_two_seconds()
    {
        short[] low = [.. Signals.Speech(48000, 10).Select(x => (short)(x / 12))];
        short[] shout = [.. Signals.Speech(48000, 5, seed: 2).Select(x => (short)(x * 2))];
        (byte[] Payload, byte Level)[] packets = Encode(new OpusCodecOptions { SampleRate = 48000 }, [.. low, .. shout, .. low, .. shout]);
        (short[] heard, AudioUplinkStats stats) = Play(packets, (_, _) => null);
        short[] plain = Play(packets, (_, level) => level).Heard; // levels of its own: believed at once
        Assert.InRange(stats.Subdued, 1, 80);
        Assert.Equal(plain.AsSpan(24000 * 12, 24000 * 3), heard.AsSpan(24000 * 12, 24000 * 3));
        Assert.Equal(plain.AsSpan(24000 * 20), heard.AsSpan(24000 * 20)); // and the second time it is no news
    }

    private static IEnumerable<(string Name, short[] Sound)> Voices()
    {
        foreach ((string name, short[] sound) in Utterances(48000).Where(sound =>
            !sound.Name.StartsWith("plosives", StringComparison.Ordinal)))
        {
            yield return (name, sound);
        }

        foreach ((string name, short[] line) in SpokenLines())
        {
            yield return (name, line);

            // Long pauses in a room that hums, cut anywhere, so that words begin with a full vowel.
            var random = new Random(line.Length);
            List<short> pieces = [];
            while (pieces.Count < 48000 * 20)
            {
                int at = random.Next(line.Length / 2);
                pieces.AddRange(line.Skip(at).Take(random.Next(4800, 96000)));
                pieces.AddRange(Hiss(random.Next(4800, 48000 * 6), 60, at));
            }

            yield return ($"{name}, with pauses", [.. pieces]);
        }
    }
}
