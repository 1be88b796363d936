namespace Bridge.Rehearsal.Tests;

public sealed class VoiceTests
{
    [Fact]
    public void The_synthetic_voice_is_deterministic_and_as_long_as_the_sentence_would_take()
    {
        const string Sentence = "Preheat the oven to two hundred degrees, then wash and cut the tomatoes.";

        var pcm = SyntheticVoice.Speak(Sentence, "marin", 1);

        Assert.InRange(pcm.Length / 24_000.0, 2.5, 6.5);
        Assert.True(pcm.Span.SequenceEqual(SyntheticVoice.Speak(Sentence, "marin", 1).Span));
        Assert.False(pcm.Span.SequenceEqual(SyntheticVoice.Speak(Sentence, "cedar", 1).Span));
        Assert.InRange((double)SyntheticVoice.Speak(Sentence, "marin", 1.5).Length / pcm.Length, 0.6, 0.72);
    }

    [Fact]
    public void The_synthetic_voice_is_speech_to_the_detector_and_never_clips()
    {
        var pcm = SyntheticVoice.Speak("Hello, how are you today?", "marin", 1).Span;
        var detector = EnergySpeech.Create();
        var speech = 0;
        for (var at = 0; at + 480 <= pcm.Length; at += 480)
        {
            speech += detector(pcm.Slice(at, 480)) > 0.5f ? 1 : 0;
        }

        Assert.True(speech > pcm.Length / 480 / 3);
        var peak = 0;
        foreach (var sample in pcm)
        {
            peak = Math.Max(peak, Math.Abs((int)sample));
        }

        Assert.InRange(peak, 6_000, 32_000);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(150)]
    [InlineData(400)]
    public void The_noise_of_a_room_is_no_speech_and_words_over_it_are(int amplitude)
    {
        var random = new Random(amplitude);
        var detector = EnergySpeech.Create();
        short[] Noise(int frames) => [.. Enumerable.Range(0, frames * 480).Select(_ => (short)random.Next(-amplitude, amplitude + 1))];
        int Speech(short[] pcm) => pcm.Chunk(480).Count(frame => detector(frame) >= 0.5f);

        Assert.Equal(0, Speech(Noise(500)));
        var words = Noise(50).Zip(Rig.Tone(1000, 9000), (noise, tone) => (short)(noise + tone)).ToArray();
        Assert.Equal(50, Speech(words));
        Assert.Equal(0, Speech(Noise(100)));
    }

    [Fact]
    public async Task Espeak_speaks_what_it_gets_on_stdin_even_when_it_looks_like_an_option()
    {
        var voice = EspeakVoice.TryCreate("en-us", Nearest);
        if (voice is null)
        {
            Assert.Skip("espeak-ng is not installed.");
        }

        var hello = await voice.SpeakAsync("Hello, I am the rehearsal model.", "marin", 1, TestContext.Current.CancellationToken);
        var option = await voice.SpeakAsync("--voices; $(reboot) \"quoted\"", "cedar", 1, TestContext.Current.CancellationToken);
        var fast = await voice.SpeakAsync("Hello, I am the rehearsal model.", "marin", 1.5, TestContext.Current.CancellationToken);

        Assert.InRange(hello.Length / 24_000.0, 1, 5);
        Assert.True(option.Length > 12_000);
        Assert.True(fast.Length < hello.Length);
    }

    [Fact]
    public async Task A_voice_that_fails_is_replaced_and_counted()
    {
        var cache = new SpeechCache((_, _, _, _) => throw new InvalidOperationException("no voice today"));

        var pcm = await cache.SpeakAsync("Hello.", "marin", 1, TestContext.Current.CancellationToken);

        Assert.True(pcm.Span.SequenceEqual(SyntheticVoice.Speak("Hello.", "marin", 1).Span));
        Assert.Equal(1, cache.Failures);
    }

    [Fact]
    public async Task A_line_is_spoken_once_and_then_remembered()
    {
        var spoken = 0;
        var cache = new SpeechCache((_, _, _, _) =>
        {
            spoken++;
            return new ValueTask<ReadOnlyMemory<short>>(new short[480]);
        });

        for (var round = 0; round < 5; round++)
        {
            await cache.SpeakAsync("Hello.", "marin", 1, TestContext.Current.CancellationToken);
        }

        await cache.SpeakAsync("Hello.", "marin", 1.2, TestContext.Current.CancellationToken);
        Assert.Equal(2, spoken);
    }

    [Fact]
    public async Task Many_that_ask_for_a_line_at_once_share_one_voice()
    {
        var spoken = 0;
        var released = new TaskCompletionSource();
        var cache = new SpeechCache(async (_, _, _, _) =>
        {
            Interlocked.Increment(ref spoken);
            await released.Task;
            return new short[480];
        });

        var asked = Enumerable.Range(0, 50).Select(_ => cache.SpeakAsync("Hello.", "marin", 1, TestContext.Current.CancellationToken))
            .ToList();
        using var gone = new CancellationTokenSource();
        var left = cache.SpeakAsync("Hello.", "marin", 1, gone.Token);
        await gone.CancelAsync();
        released.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.All(await Task.WhenAll(asked), pcm => Assert.Equal(480, pcm.Length));
        Assert.Equal(1, spoken);
    }

    [Fact]
    public void No_truncation_of_a_wav_file_is_read_beyond_its_end()
    {
        byte[] wav =
        [
            .. "RIFF"u8,
            0xFF,
            0xFF,
            0xFF,
            0x7F,
            .. "WAVEfmt "u8,
            16,
            0,
            0,
            0,
            1,
            0,
            1,
            0,
            0x22,
            0x56,
            0,
            0,
            0x44,
            0xAC,
            0,
            0,
            2,
            0,
            16,
            0,
            .. "data"u8,
            0,
            0xF0,
            0xFF,
            0x7F,
            1,
            0,
            2,
            0,
            3,
            0,
        ];

        Assert.True(EspeakVoice.TryReadWav(wav, out var pcm, out var rate));
        Assert.Equal(22_050, rate);
        Assert.Equal([1, 2, 3], pcm);
        for (var length = 0; length < wav.Length; length++)
        {
            // Whatever is left is read or refused; the header alone is no WAV.
            Assert.Equal(length >= 44, EspeakVoice.TryReadWav(wav.AsSpan(0, length), out _, out _));
        }
    }

    private static short[] Nearest(ReadOnlySpan<short> pcm, int from, int to)
    {
        var resampled = new short[(int)((long)pcm.Length * to / from)];
        for (var i = 0; i < resampled.Length; i++)
        {
            resampled[i] = pcm[(int)((long)i * from / to)];
        }

        return resampled;
    }
}
