namespace Bridge.Audio.Tests;

public sealed class VoiceActivityTests
{
    [Fact]
    public void The_level_of_known_sounds_is_what_arithmetic_says()
    {
        Assert.Equal(LevelMeter.Silence, LevelMeter.Measure(new short[480]));
        Assert.Equal(LevelMeter.Silence, LevelMeter.Measure([]));
        Assert.Equal(-3.01, LevelMeter.Measure(Signals.Tone(1000, 24000, 24000, 32767)), 0.01);
        Assert.Equal(-20, LevelMeter.Measure([.. Enumerable.Repeat((short)3277, 333)]), 0.01);
        Assert.Equal(0, LevelMeter.Measure([.. Enumerable.Repeat(short.MinValue, 333)]), 0.01);
    }

    [Fact]
    public void The_meter_falls_slowly()
    {
        var meter = new LevelMeter();
        meter.Process(Signals.Tone(500, 24000, 480, 16000));
        float loud = meter.Peak;
        meter.Process(new short[12000]);
        Assert.Equal(loud - 10, meter.Peak, 0.1);
        Assert.Equal(LevelMeter.Silence, meter.Level);
    }

    [Fact]
    public void Speech_starts_and_ends_once_for_each_sentence()
    {
        var detector = new VoiceActivityDetector();
        short[] speech = Signals.Speech(24000, 9); // three sentences: from 0, 3.2 and 6 s on
        var random = new Random(3);
        short[] noisy = [.. speech.Select(x => (short)(x + random.Next(-60, 60)))];
        List<double> turns = [];
        for (int at = 0; at + 480 <= noisy.Length; at += 480)
        {
            bool before = detector.IsSpeech;
            detector.Process(noisy.AsSpan(at, 480));
            if (detector.IsSpeech != before)
            {
                turns.Add(at / 24000.0);
            }
        }

        Assert.Equal(6, turns.Count);
        Assert.All([(0, 0.0), (2, 3.2), (4, 6.0)], expected => Assert.InRange(turns[expected.Item1], expected.Item2, expected.Item2 + 0.15));
        Assert.All([1, 3, 5], i => Assert.InRange(turns[i] - turns[i - 1], 2.0, 2.7));
    }

    [Fact]
    public void Neither_silence_nor_steady_noise_nor_a_click_is_speech()
    {
        var random = new Random(5);
        var detector = new VoiceActivityDetector();
        short[] noise = [.. Enumerable.Range(0, 24000 * 5).Select(_ => (short)random.Next(-100, 100))];
        noise[70_000] = 30000;
        int speech = 0;
        foreach (short[] block in noise.Chunk(480))
        {
            detector.Process(block);
            speech += detector.IsSpeech ? 1 : 0;
        }

        Assert.Equal(0, speech);
        Assert.InRange(detector.NoiseFloor, -60, -50);
        Assert.Equal(0, detector.Process(new short[480]));
    }

    [Fact]
    public void The_detector_does_not_mind_how_the_audio_is_cut()
    {
        short[] speech = Signals.Speech(24000, 3);
        var whole = new VoiceActivityDetector();
        var pieces = new VoiceActivityDetector();
        float a = whole.Process(speech);
        float b = 0;
        foreach (short[] piece in speech.Chunk(37))
        {
            b = pieces.Process(piece);
        }

        Assert.Equal((a, whole.IsSpeech, whole.NoiseFloor), (b, pieces.IsSpeech, pieces.NoiseFloor));
    }
}
