using System.Collections.Concurrent;

namespace Bridge.Audio.Resampling;

/// <summary>The filters of one ratio, computed once in the process and shared by all streams.</summary>
internal sealed class ResamplerBank
{
    /// <summary>Taps of a row are a multiple of this, so that no kernel has a remainder.</summary>
    internal const int Lanes = 16;

    // The band that a listener of 24 kHz has left: 10.5 of 12 kHz. Stop band from the lower Nyquist frequency on.
    private const double PassBand = 0.875;
    private const double Attenuation = 110;

    // 48 to 24 kHz and back: see docs/decisions/0005-filter-of-48-and-24-khz.md.
    private const int TwoToOneHalf = 70;
    private const double TwoToOneStopWeight = 1000;

    private static readonly ConcurrentDictionary<(int Up, int Down), ResamplerBank> Shared = new();
    private static readonly Lazy<double[]> TwoToOne = new(
        () => EquirippleDesign.LowPass(TwoToOneHalf, PassBand / 4, 0.25, TwoToOneStopWeight));

    private ResamplerBank(int up, int down, int taps, float[] rows)
    {
        Up = up;
        Down = down;
        Taps = taps;
        Rows = rows;
    }

    /// <summary>Phases: the output rate divided by the common divisor.</summary>
    internal int Up { get; }

    /// <summary>The input rate divided by the common divisor.</summary>
    internal int Down { get; }

    /// <summary>Taps per phase, a multiple of <see cref="Lanes"/>.</summary>
    internal int Taps { get; }

    /// <summary><see cref="Up"/> rows of <see cref="Taps"/>, oldest input first.</summary>
    internal float[] Rows { get; }

    /// <summary>The prototype of halving and doubling: 2·half + 1 taps, gain 1.</summary>
    internal static ReadOnlySpan<double> TwoToOnePrototype => TwoToOne.Value;

    internal static ResamplerBank For(int up, int down) => Shared.GetOrAdd((up, down), static ratio => Design(ratio.Up, ratio.Down));

    private static ResamplerBank Design(int up, int down)
    {
        // In cycles per sample of the prototype's rate, which is up times the input's.
        double nyquist = 0.5 / Math.Max(up, down);
        double transition = nyquist * (1 - PassBand);
        int taps = (FilterDesign.KaiserLength(Attenuation, transition) + up - 1) / up;
        taps = (taps + Lanes - 1) / Lanes * Lanes;
        double[] prototype = FilterDesign.WindowedSinc(taps * up, nyquist - (transition / 2), Attenuation);
        float[] rows = new float[taps * up];
        for (int phase = 0; phase < up; phase++)
        {
            double gain = 0;
            for (int t = 0; t < taps; t++)
            {
                gain += prototype[phase + (t * up)];
            }

            for (int t = 0; t < taps; t++)
            {
                rows[(phase * taps) + taps - 1 - t] = (float)(prototype[phase + (t * up)] / gain);
            }
        }

        return new ResamplerBank(up, down, taps, rows);
    }
}
