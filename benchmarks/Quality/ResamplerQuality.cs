using Bridge.Benchmarks.Peers;

namespace Bridge.Benchmarks.Quality;

/// <summary>The response of one resampler to tones, from one rate to another.</summary>
internal sealed record ResamplerQuality
{
    internal required string Name { get; init; }

    internal required int From { get; init; }

    internal required int To { get; init; }

    /// <summary>Signal to everything else for a tone of 1 kHz, dB.</summary>
    internal required double Snr1k { get; init; }

    /// <summary>The same at 8 kHz.</summary>
    internal required double Snr8k { get; init; }

    /// <summary>Largest deviation from the gain at 1 kHz up to 10.5 kHz, dB.</summary>
    internal required double Ripple { get; init; }

    /// <summary>Loudest that a full-scale tone above 12 kHz (down) or the image of one below it (up) comes out, dB.</summary>
    internal required double WorstFrom12k { get; init; }

    /// <summary>The same from 12.5 kHz on.</summary>
    internal required double WorstFrom12k5 { get; init; }

    /// <summary>
    /// Delay of a sample's sound, ms: phase delay of the written output plus the largest backlog of unwritten input.
    /// </summary>
    internal required double Latency { get; init; }

    /// <summary>Frequency in Hz, gain in dB: what comes out at the tone's own frequency.</summary>
    internal required IReadOnlyList<(double Frequency, double Gain)> Response { get; init; }

    /// <summary>Frequency in Hz, level in dB: what comes out that should not be there.</summary>
    internal required IReadOnlyList<(double Frequency, double Level)> Spurious { get; init; }

    internal static ResamplerQuality Measure(string name, int from, int to)
    {
        double reference = Tone(name, from, to, 1000).Amplitude;
        List<(double, double)> response = [];
        List<(double Frequency, double Level)> spurious = [];
        double ripple = 0;
        for (double f = 100; f < 12000; f += 100)
        {
            (double amplitude, double residual) = Tone(name, from, to, f);
            double gain = Spectrum.Decibel(amplitude / reference);
            response.Add((f, gain));
            ripple = f <= 10500 ? Math.Max(ripple, Math.Abs(gain)) : ripple;
            if (to > from)
            {
                // The image of f lies at 24 kHz - f.
                spurious.Add((from - f, Spectrum.Decibel(residual * Math.Sqrt(2) / 0.5)));
            }
        }

        for (double f = 12010; from > to && f < 24000; f += 90)
        {
            spurious.Add((f, Spectrum.Decibel(Steady(name, from, to, f).Rms * Math.Sqrt(2) / 0.5)));
        }

        return new ResamplerQuality
        {
            Name = name,
            From = from,
            To = to,
            Snr1k = Snr(name, from, to, 1000),
            Snr8k = Snr(name, from, to, 8000),
            Ripple = ripple,
            WorstFrom12k = spurious.Max(s => s.Level),
            WorstFrom12k5 = spurious.Where(s => s.Frequency >= 12500).Max(s => s.Level),
            Latency = MeasureLatency(name, from, to),
            Response = response,
            Spurious = spurious,
        };
    }

    private static double Snr(string name, int from, int to, double frequency)
    {
        (double amplitude, double residual) = Tone(name, from, to, frequency);
        return Spectrum.Decibel(amplitude / Math.Sqrt(2) / residual);
    }

    private static (double Amplitude, double Residual) Tone(string name, int from, int to, double frequency)
    {
        (float[] samples, _) = Steady(name, from, to, frequency);
        (double amplitude, _, double residual) = Spectrum.Fit(samples, frequency, to);
        return (amplitude, residual);
    }

    /// <summary>The steady part of a tone's way through.</summary>
    private static (float[] Samples, double Rms) Steady(string name, int from, int to, double frequency)
    {
        float[] output = Through(name, from, to, Spectrum.Sine(frequency, from, from / 5), out _);
        float[] steady = output[(output.Length / 2)..];
        return (steady, Spectrum.Rms(steady));
    }

    private static float[] Through(string name, int from, int to, float[] input, out int largestBacklog)
    {
        using IStreamResampler resampler = ResamplerCatalog.Make(name, from, to);
        float[] output = new float[(input.Length * 2) + 1024];
        int frame = from / 50;
        int written = 0;
        largestBacklog = 0;
        for (int at = 0; at + frame <= input.Length; at += frame)
        {
            written += resampler.Process(input.AsSpan(at, frame), output.AsSpan(written));
            largestBacklog = Math.Max(largestBacklog, (int)((long)(at + frame) * to / from) - written);
        }

        return output[..written];
    }

    private static double MeasureLatency(string name, int from, int to)
    {
        const double Low = 50;
        float[] output = Through(name, from, to, Spectrum.Sine(Low, from, from), out int backlog);
        int start = to / 2;
        (_, double phase, _) = Spectrum.Fit(output.AsSpan(start, to / 4), Low, to);
        double expected = 2 * Math.PI * Low * start / to;
        double lag = Math.IEEERemainder(expected - phase, 2 * Math.PI) / (2 * Math.PI * Low);
        return (lag + ((double)backlog / to)) * 1000;
    }
}
