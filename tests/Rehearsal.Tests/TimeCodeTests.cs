using Bridge.Testing.Audio;

namespace Bridge.Rehearsal.Tests;

public sealed class TimeCodeTests
{
    private static readonly short[] Line = new TimeCodeVoice(TimeSpan.FromSeconds(81.92)).Speak();

    [Fact]
    public void Every_frame_of_the_code_reads_as_itself()
    {
        for (var frame = 0; frame < 4096; frame++)
        {
            Assert.True(TimeCodeDecoder.TryRead(Line.AsSpan(frame * 480, 480), 24_000, out var position), $"frame {frame}");
            Assert.Equal((frame * 20) + 10, position.TotalMilliseconds);
        }
    }

    [Fact]
    public void Neighbouring_frames_differ_in_one_tone_by_one_step()
    {
        for (var frame = 0; frame < 4095; frame++)
        {
            var steps = Enumerable.Range(0, TimeCodeVoice.Places)
                .Select(p => Math.Abs(TimeCodeVoice.Digit(frame, p) - TimeCodeVoice.Digit(frame + 1, p))).Order();
            Assert.Equal([0, 0, 1], steps);
        }
    }

    [Fact]
    public void A_window_anywhere_reads_at_most_a_frame_off_through_noise()
    {
        var seed = Seeds.First;
        var random = new Random(seed);
        for (var round = 0; round < 800; round++)
        {
            var at = random.Next(Line.Length - 480);
            var window = Line.AsSpan(at, 480).ToArray();
            for (var i = 0; i < window.Length; i++)
            {
                window[i] = (short)Math.Clamp(window[i] + random.Next(-800, 800), short.MinValue, short.MaxValue);
            }

            Assert.True(TimeCodeDecoder.TryRead(window, 24_000, out var position), $"seed {seed}, sample {at}");
            var truth = (at + 240) / 24.0;
            Assert.True(
                Math.Abs(position.TotalMilliseconds - truth) <= 20, $"seed {seed}, sample {at}: {position.TotalMilliseconds} for {truth}");
        }
    }

    [Theory]
    [InlineData(1234)]
    [InlineData(3000)]
    [InlineData(17_777)]
    public void The_point_where_the_listener_fell_silent_is_found_to_a_few_milliseconds(int heardMs)
    {
        // Joined late, at one second, as a recorder does; then silence, as after a barge-in.
        short[] recording = [.. Rig.Silence(137), .. Line.AsSpan(24_000, (heardMs - 1000) * 24), .. Rig.Silence(500)];

        Assert.True(TimeCodeDecoder.TryHeardUntil(recording, 24_000, out var heard));

        Assert.InRange(heard.TotalMilliseconds, heardMs - 6, heardMs + 6);
    }

    [Fact]
    public void Speech_and_silence_are_no_time_code()
    {
        var speech = SyntheticVoice.Speak("What is the weather like in Oslo today?", "marin", 1);

        Assert.Empty(TimeCodeDecoder.Read(speech.Span, 24_000));
        Assert.Empty(TimeCodeDecoder.Read(Rig.Silence(1000), 24_000));
    }
}
