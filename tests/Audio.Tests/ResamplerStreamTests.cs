using Bridge.Audio.Codecs;
using Bridge.Audio.Resampling;
using FsCheck;
using FsCheck.Fluent;

namespace Bridge.Audio.Tests;

/// <summary>The converter as a stream: counts, pieces, vectors against scalars, bad samples.</summary>
public sealed class ResamplerStreamTests
{
    public static TheoryData<int, int> Pairs
    {
        get
        {
            var pairs = new TheoryData<int, int>();
            foreach (int from in PolyphaseResampler.SupportedRates)
            {
                foreach (int to in PolyphaseResampler.SupportedRates)
                {
                    pairs.Add(from, to);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Twenty_milliseconds_in_are_twenty_milliseconds_out_from_the_first_frame(int from, int to)
    {
        var resampler = new PolyphaseResampler(from, to);
        for (int frame = 0; frame < 5; frame++)
        {
            Assert.Equal(to / 50, resampler.OutputCount(from / 50));
            Assert.Equal(to / 50, resampler.Process(new float[from / 50], new float[to / 50]));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void The_output_has_the_same_bits_however_the_input_is_cut(int from, int to)
    {
        float[] input = Noise(7, 6000);
        float[] whole = Run(new PolyphaseResampler(from, to), input, [input.Length]);
        Prop.ForAll(
            Gen.NonEmptyListOf(Gen.Choose(0, 1500)).ToArbitrary(),
            lengths => whole.AsSpan().SequenceEqual(Run(new PolyphaseResampler(from, to), input, lengths)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20).WithQuietOnSuccess(true));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_vector_width_gives_the_bits_of_the_scalar_twin_at_every_length(int from, int to)
    {
        int[] lengths = [.. Enumerable.Range(0, 66), 160, 333, 960, 961, 1024, 2500]; // those of a frame and more meet the kernels of many vectors
        float[] input = Noise(11, lengths.Sum());
        float[] scalar = Run(new PolyphaseResampler(from, to, VectorWidth.Scalar), input, lengths);
        foreach (VectorWidth width in new[] { VectorWidth.Four, VectorWidth.Eight, VectorWidth.Sixteen })
        {
            Assert.Equal(scalar, Run(new PolyphaseResampler(from, to, width), input, lengths));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Int16_is_the_float_stream_rounded(int from, int to)
    {
        short[] input = [.. Noise(3, 3000).Select(x => (short)(x * 30000))];
        var floats = new PolyphaseResampler(from, to);
        float[] expected = Run(floats, [.. input.Select(x => (float)x)], [input.Length]);
        var shorts = new PolyphaseResampler(from, to);
        short[] output = new short[shorts.OutputCount(input.Length)];
        Assert.Equal(output.Length, shorts.Process(input, output));
        Assert.Equal(expected.Select(x => (short)Math.Clamp(MathF.Round(x), short.MinValue, short.MaxValue)), output);
    }

    [Fact]
    public void Full_scale_int16_saturates_and_never_wraps()
    {
        short[] square = [.. Enumerable.Range(0, 4800).Select(i => (i / 50) % 2 == 0 ? short.MaxValue : short.MinValue)];
        var resampler = new PolyphaseResampler(48000, 24000);
        short[] output = new short[2400];
        resampler.Process(square, output);
        for (int i = 200; i < output.Length - 1; i++)
        {
            // A wrapped overshoot would jump by the whole range within one sample in the middle of a plateau.
            bool plateau = ((2 * i) - 71) % 50 is > 12 and < 38;
            Assert.False(plateau && Math.Abs(output[i + 1] - output[i]) > 20000, $"sample {i}: {output[i]} then {output[i + 1]}");
        }
    }

    [Fact]
    public void Samples_that_are_no_numbers_are_silence_and_leave_no_trace()
    {
        foreach ((int from, int to) in new[] { (48000, 24000), (24000, 48000), (44100, 24000), (24000, 24000) })
        {
            float[] bad = Noise(5, 4000);
            float[] clean = [.. bad];
            foreach ((int at, float value) in new[] { (100, float.NaN), (777, float.PositiveInfinity), (1501, float.NegativeInfinity), (2000, float.MaxValue) })
            {
                bad[at] = value;
                clean[at] = 0;
            }

            Assert.Equal(Run(new PolyphaseResampler(from, to), clean, [4000]), Run(new PolyphaseResampler(from, to), bad, [4000]));
        }
    }

    [Fact]
    public void A_rate_that_is_not_supported_is_refused()
    {
        Assert.False(PolyphaseResampler.TryCreate(11025, 24000, out _));
        Assert.False(PolyphaseResampler.TryCreate(24000, 0, out _));
        Assert.True(PolyphaseResampler.TryCreate(48000, 24000, out PolyphaseResampler? resampler));
        Assert.Equal(24000, resampler.OutputRate);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PolyphaseResampler(96000, 24000));
    }

    [Fact]
    public void A_short_output_is_an_error_value_and_consumes_nothing()
    {
        var resampler = new PolyphaseResampler(48000, 24000);
        Assert.Equal((int)AudioError.BufferTooSmall, resampler.Process(new float[960], new float[479]));
        Assert.Equal(480, resampler.OutputCount(960));
        Assert.Equal(480, resampler.Process(Noise(1, 960), new float[480]));
    }

    [Fact]
    public void After_a_reset_the_stream_is_as_new()
    {
        float[] input = Noise(9, 1001);
        var resampler = new PolyphaseResampler(44100, 24000);
        float[] first = Run(resampler, input, [input.Length]);
        resampler.Reset();
        Assert.Equal(first, Run(resampler, input, [input.Length]));
    }

    internal static float[] Run(PolyphaseResampler resampler, float[] input, IEnumerable<int> lengths)
    {
        float[] output = new float[resampler.OutputCount(input.Length)];
        int read = 0;
        int written = 0;
        foreach (int length in lengths.Append(int.MaxValue))
        {
            int count = Math.Min(length, input.Length - read);
            int expected = resampler.OutputCount(count);
            int made = resampler.Process(input.AsSpan(read, count), output.AsSpan(written));
            Assert.Equal(expected, made);
            read += count;
            written += made;
        }

        Assert.Equal(output.Length, written);
        return output;
    }

    internal static float[] Noise(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }
}
