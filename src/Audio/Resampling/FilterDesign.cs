namespace Bridge.Audio.Resampling;

/// <summary>Linear-phase low-pass filters, designed in double precision.</summary>
internal static class FilterDesign
{
    /// <summary>Windowed sinc with a Kaiser window.</summary>
    /// <param name="length">Taps. The centre of symmetry is at length / 2, on a tap.</param>
    /// <param name="cutoff">Frequency of half amplitude, in cycles per sample.</param>
    /// <param name="attenuation">Stop-band attenuation in dB that the window is shaped for.</param>
    internal static double[] WindowedSinc(int length, double cutoff, double attenuation)
    {
        double beta = 0.1102 * (attenuation - 8.7);
        double half = length / 2.0;
        double[] taps = new double[length];
        for (int i = 0; i < length; i++)
        {
            double t = i - half;
            double x = 2 * Math.PI * cutoff * t;
            double sinc = t == 0 ? 2 * cutoff : Math.Sin(x) / (Math.PI * t);
            double edge = t / half;
            taps[i] = sinc * BesselI0(beta * Math.Sqrt(Math.Max(0, 1 - (edge * edge)))) / BesselI0(beta);
        }

        return taps;
    }

    /// <summary>Taps that a Kaiser window needs for an attenuation over a transition width (Kaiser 1974).</summary>
    /// <param name="attenuation">dB.</param>
    /// <param name="transition">Cycles per sample.</param>
    internal static int KaiserLength(double attenuation, double transition) =>
        (int)Math.Ceiling((attenuation - 7.95) / (14.36 * transition)) + 1;

    /// <summary>Modified Bessel function of the first kind, order 0, by its power series.</summary>
    private static double BesselI0(double x)
    {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > sum * 1e-17; k++)
        {
            term *= x * x / (4.0 * k * k);
            sum += term;
        }

        return sum;
    }
}
