using Bridge.Audio.Resampling;

namespace Bridge.Audio.Tests;

/// <summary>The output of a converter, measured with tones through the converter itself.</summary>
public sealed class ResamplerQualityTests
{
    private const int Settle = 2000;

    [Fact]
    public void From_48_to_24_kHz_the_pass_band_is_flat_within_a_tenth_of_a_decibel_up_to_10_5_kHz()
    {
        for (double f = 100; f <= 10500; f += 200)
        {
            double gain = Signals.Decibel(Gain(48000, 24000, f, f));
            Assert.True(Math.Abs(gain) <= 0.05, $"{f} Hz: {gain:F4} dB");
        }
    }

    [Fact]
    public void From_24_to_48_kHz_the_pass_band_is_flat_within_a_tenth_of_a_decibel_up_to_10_5_kHz()
    {
        for (double f = 100; f <= 10500; f += 200)
        {
            double gain = Signals.Decibel(Gain(24000, 48000, f, f));
            Assert.True(Math.Abs(gain) <= 0.05, $"{f} Hz: {gain:F4} dB");
        }
    }

    [Fact]
    public void From_48_to_24_kHz_nothing_above_12_kHz_comes_back_louder_than_minus_105_decibels()
    {
        double worst = -200;
        for (double f = 12001; f < 24000; f += 37)
        {
            worst = Math.Max(worst, Signals.Decibel(Gain(48000, 24000, f, 24000 - f)));
        }

        Assert.True(worst <= -105, $"worst alias {worst:F2} dB");
    }

    [Fact]
    public void From_24_to_48_kHz_no_image_above_12_kHz_is_louder_than_minus_105_decibels()
    {
        double worst = -200;
        for (double f = 3; f < 12000; f += 37)
        {
            worst = Math.Max(worst, Signals.Decibel(Gain(24000, 48000, f, 24000 - f)));
        }

        Assert.True(worst <= -105, $"worst image {worst:F2} dB");
    }

    [Fact]
    public void The_delay_between_48_and_24_kHz_is_at_most_1_67_ms_and_what_the_converter_says()
    {
        foreach ((int from, int to) in new[] { (48000, 24000), (24000, 48000) })
        {
            var resampler = new PolyphaseResampler(from, to);
            Assert.True(resampler.Delay.TotalMilliseconds <= 1.67, $"{from} to {to}: {resampler.Delay.TotalMilliseconds} ms");
            double measured = MeasuredDelay(from, to);
            Assert.True(
                Math.Abs(measured - resampler.Delay.TotalMilliseconds) < 0.001,
                $"{from} to {to}: says {resampler.Delay.TotalMilliseconds}, is {measured}");
        }
    }

    [Fact]
    public void Every_pair_of_rates_passes_speech_frequencies_and_rejects_aliases_and_images()
    {
        foreach (int from in PolyphaseResampler.SupportedRates)
        {
            foreach (int to in PolyphaseResampler.SupportedRates.Where(rate => rate != from))
            {
                double nyquist = Math.Min(from, to) / 2.0;
                double flat = Signals.Decibel(Gain(from, to, nyquist * 0.85, nyquist * 0.85));
                Assert.True(Math.Abs(flat) <= 0.1, $"{from} to {to}: {flat:F3} dB in the pass band");
                double spurious = from > to
                    ? Gain(from, to, nyquist * 1.05, (2 * nyquist) - (nyquist * 1.05))
                    : Gain(from, to, nyquist * 0.8, from - (nyquist * 0.8));
                Assert.True(Signals.Decibel(spurious) <= -100, $"{from} to {to}: {Signals.Decibel(spurious):F1} dB of alias or image");
                var resampler = new PolyphaseResampler(from, to);
                Assert.True(Math.Abs(MeasuredDelay(from, to) - resampler.Delay.TotalMilliseconds) < 0.02, $"{from} to {to}: delay");
            }
        }
    }

    private static double Gain(int from, int to, double tone, double listenAt)
    {
        var resampler = new PolyphaseResampler(from, to);
        float[] input = Signals.Sine(tone, from, 8192);
        float[] output = new float[resampler.OutputCount(input.Length)];
        Assert.Equal(output.Length, resampler.Process(input, output));
        int settle = (int)((long)Settle * to / Math.Max(from, to));
        return Signals.AmplitudeAt(listenAt, to, output.AsSpan(settle));
    }

    /// <summary>Phase of a low tone, in milliseconds.</summary>
    private static double MeasuredDelay(int from, int to)
    {
        const double Tone = 40;
        var resampler = new PolyphaseResampler(from, to);
        float[] input = Signals.Sine(Tone, from, from / 2);
        float[] output = new float[resampler.OutputCount(input.Length)];
        resampler.Process(input, output);
        int start = to / 10;
        double re = 0, im = 0;
        for (int i = start; i < start + (to / 40 * 10); i++)
        {
            double angle = 2 * Math.PI * Tone * i / to;
            re += output[i] * Math.Cos(angle);
            im += output[i] * Math.Sin(angle);
        }

        return -Math.Atan2(re, im) / (2 * Math.PI * Tone) * 1000;
    }
}
