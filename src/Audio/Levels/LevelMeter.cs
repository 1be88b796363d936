using System.Numerics;

namespace Bridge.Audio.Levels;

/// <summary>
/// Loudness of int16 audio in dBFS: a full-scale square wave is 0, a full-scale sine -3.01, digital silence <see cref="Silence"/>.
/// </summary>
public static class LevelMeter
{
    /// <summary>Level of digital silence, dBFS; also the floor of every reading. RFC 6464's lowest level is the same -127.</summary>
    public const float Silence = -127f;

    /// <summary>Measures the RMS level of a block.</summary>
    /// <param name="pcm">Int16 samples.</param>
    /// <returns>dBFS, <see cref="Silence"/> for an empty or silent block.</returns>
    public static float Measure(ReadOnlySpan<short> pcm)
    {
        double energy = SumOfSquares(pcm);
        return energy <= 0
            ? Silence
            : (float)Math.Max(Silence, 10 * Math.Log10(energy / pcm.Length / (32768.0 * 32768.0)));
    }

    /// <summary>Measures the largest sample of a block, dBFS; -90.3 at the least.</summary>
    internal static float MeasurePeak(ReadOnlySpan<short> pcm)
    {
        Vector<short> highest = Vector<short>.Zero;
        Vector<short> lowest = Vector<short>.Zero;
        int i = 0;
        for (; i <= pcm.Length - Vector<short>.Count; i += Vector<short>.Count)
        {
            var samples = new Vector<short>(pcm[i..]);
            highest = Vector.Max(highest, samples);
            lowest = Vector.Min(lowest, samples);
        }

        int peak = 1;
        for (int lane = 0; lane < Vector<short>.Count; lane++)
        {
            peak = Math.Max(peak, Math.Max(highest[lane], -lowest[lane]));
        }

        for (; i < pcm.Length; i++)
        {
            peak = Math.Max(peak, Math.Abs((int)pcm[i]));
        }

        return 20 * MathF.Log10(peak / 32768f);
    }

    // Whole numbers, so the sum is the same however wide the machine's vectors are.
    internal static long SumOfSquares(ReadOnlySpan<short> pcm)
    {
        long total = 0;
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            Vector<long> sum = Vector<long>.Zero;
            for (; i <= pcm.Length - Vector<short>.Count; i += Vector<short>.Count)
            {
                Vector.Widen(new Vector<short>(pcm[i..]), out Vector<int> low, out Vector<int> high);

                // -32768 squared is 2^30: one square fits an int, the sum of two of them only an unsigned one.
                Vector<uint> squares = Vector.AsVectorUInt32(low * low) + Vector.AsVectorUInt32(high * high);
                Vector.Widen(squares, out Vector<ulong> a, out Vector<ulong> b);
                sum += Vector.AsVectorInt64(a + b);
            }

            total = Vector.Sum(sum);
        }

        for (; i < pcm.Length; i++)
        {
            total += pcm[i] * pcm[i];
        }

        return total;
    }
}
