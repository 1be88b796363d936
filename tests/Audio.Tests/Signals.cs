namespace Bridge.Audio.Tests;

/// <summary>Made-up sound, always the same for the same arguments.</summary>
internal static class Signals
{
    internal static float[] Sine(double frequency, int rate, int count, double amplitude = 1, double phase = 0)
    {
        float[] samples = new float[count];
        for (int i = 0; i < count; i++)
        {
            samples[i] = (float)(amplitude * Math.Sin((2 * Math.PI * frequency * i / rate) + phase));
        }

        return samples;
    }

    internal static short[] Tone(double frequency, int rate, int count, double amplitude = 8000) =>
        [.. Sine(frequency, rate, count, amplitude).Select(x => (short)Math.Round(x))];

    /// <summary>
    /// Something like a voice: a pulse train of wandering pitch through three resonances, in syllables of 200 ms with pauses.
    /// </summary>
    internal static short[] Speech(int rate, double seconds, int seed = 1)
    {
        var random = new Random(seed);
        int count = (int)(rate * seconds);
        double[] signal = new double[count];
        double phase = 0;
        for (int i = 0; i < count; i++)
        {
            double t = (double)i / rate;
            double pitch = 120 + (20 * Math.Sin(2 * Math.PI * 0.7 * t));
            phase += pitch / rate;
            double syllable = Math.Max(0, Math.Sin(2 * Math.PI * 2.5 * t)) * (t % 3 < 2.2 ? 1 : 0);
            double source = phase >= 1 ? 1 : 0;
            phase -= Math.Floor(phase);
            signal[i] = syllable * (source + (0.02 * (random.NextDouble() - 0.5)));
        }

        foreach ((double frequency, double width) in new[] { (500.0, 80.0), (1500.0, 120.0), (2500.0, 200.0) })
        {
            double r = Math.Exp(-Math.PI * width / rate);
            double a = 2 * r * Math.Cos(2 * Math.PI * frequency / rate);
            double y1 = 0, y2 = 0;
            for (int i = 0; i < count; i++)
            {
                double y = signal[i] + (a * y1) - (r * r * y2);
                (y2, y1) = (y1, y);
                signal[i] = y;
            }
        }

        double peak = signal.Max(Math.Abs);
        return [.. signal.Select(x => (short)(x / peak * 12000))];
    }

    /// <summary>
    /// Amplitude of one frequency in a stretch of samples, by a Blackman-Harris windowed transform at that frequency alone.
    /// </summary>
    internal static double AmplitudeAt(double frequency, int rate, ReadOnlySpan<float> samples)
    {
        double re = 0, im = 0, sum = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            double x = 2 * Math.PI * i / (samples.Length - 1);
            double window = 0.35875 - (0.48829 * Math.Cos(x)) + (0.14128 * Math.Cos(2 * x)) - (0.01168 * Math.Cos(3 * x));
            double angle = 2 * Math.PI * frequency * i / rate;
            re += window * samples[i] * Math.Cos(angle);
            im -= window * samples[i] * Math.Sin(angle);
            sum += window;
        }

        return 2 * Math.Sqrt((re * re) + (im * im)) / sum;
    }

    internal static double Decibel(double ratio) => 20 * Math.Log10(Math.Max(ratio, 1e-12));

    internal static short Peak(ReadOnlySpan<short> samples)
    {
        int peak = 0;
        foreach (short sample in samples)
        {
            peak = Math.Max(peak, Math.Abs((int)sample));
        }

        return (short)Math.Min(peak, short.MaxValue);
    }
}
