namespace Bridge.Benchmarks.Quality;

/// <summary>How far decoded speech is from what was said.</summary>
/// <param name="SegmentalSnr">Mean over 20 ms frames with speech of the frame's SNR, bounded to -10..35 dB; higher is better.</param>
/// <param name="LogSpectralDistance">
/// Mean over frames with speech of the RMS difference of log spectra up to 8 kHz, dB; lower is better.
/// </param>
/// <param name="DelayMs">The delay at which the two agree best.</param>
internal readonly record struct SpeechDistance(double SegmentalSnr, double LogSpectralDistance, double DelayMs)
{
    internal static SpeechDistance Measure(float[] said, float[] heard, int rate, int longestDelay)
    {
        int delay = BestDelay(said, heard, longestDelay);
        int frame = rate / 50;
        int window = rate >= 48000 ? 1024 : 512;
        double loudest = said.Max(MathF.Abs);
        List<double> snr = [];
        List<double> distance = [];
        for (int at = 0; at + window + delay < Math.Min(said.Length, heard.Length - delay); at += frame)
        {
            ReadOnlySpan<float> a = said.AsSpan(at, window);
            if (Spectrum.Rms(a) < 0.01 * loudest)
            {
                continue;
            }

            ReadOnlySpan<float> b = heard.AsSpan(at + delay, window);
            double noise = 0, signal = 0;
            for (int i = 0; i < frame; i++)
            {
                noise += Math.Pow(a[i] - b[i], 2);
                signal += Math.Pow(a[i], 2);
            }

            snr.Add(Math.Clamp(10 * Math.Log10(signal / Math.Max(noise, 1e-12)), -10, 35));
            double floor = window * 1e-6;
            double[] left = Spectrum.LogMagnitudes(a, floor);
            double[] right = Spectrum.LogMagnitudes(b, floor);
            int bins = 8000 * window / rate;
            double sum = 0;
            for (int i = 1; i < bins; i++)
            {
                sum += Math.Pow(left[i] - right[i], 2);
            }

            distance.Add(Math.Sqrt(sum / bins));
        }

        return new SpeechDistance(snr.Average(), distance.Average(), delay * 1000.0 / rate);
    }

    private static int BestDelay(float[] said, float[] heard, int longest)
    {
        int best = 0;
        double bestCross = double.MinValue;
        for (int delay = 0; delay <= longest; delay++)
        {
            double cross = 0;
            for (int i = 0; i + delay < heard.Length && i < said.Length; i += 3)
            {
                cross += said[i] * heard[i + delay];
            }

            (best, bestCross) = cross > bestCross ? (delay, cross) : (best, bestCross);
        }

        return best;
    }
}
