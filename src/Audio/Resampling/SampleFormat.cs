using System.Numerics;

namespace Bridge.Audio.Resampling;

/// <summary>Between int16 and float, both in units of one int16 step.</summary>
internal static class SampleFormat
{
    // Adding 1.5·2^23 leaves a float no bits for a fraction: the sum is rounded to the nearest whole number, ties to even.
    private const float Rounder = 12582912f;

    internal static void ToFloat(ReadOnlySpan<short> source, Span<float> target)
    {
        target = target[..source.Length];
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i <= source.Length - Vector<short>.Count; i += Vector<short>.Count)
            {
                Vector.Widen(new Vector<short>(source[i..]), out Vector<int> low, out Vector<int> high);
                Vector.ConvertToSingle(low).CopyTo(target[i..]);
                Vector.ConvertToSingle(high).CopyTo(target[(i + Vector<int>.Count)..]);
            }
        }

        for (; i < source.Length; i++)
        {
            target[i] = source[i];
        }
    }

    internal static void ToInt16(ReadOnlySpan<float> source, Span<short> target)
    {
        target = target[..source.Length];
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i <= source.Length - Vector<short>.Count; i += Vector<short>.Count)
            {
                Vector<int> low = Rounded(new Vector<float>(source[i..]));
                Vector<int> high = Rounded(new Vector<float>(source[(i + Vector<float>.Count)..]));
                Vector.Narrow(low, high).CopyTo(target[i..]);
            }
        }

        for (; i < source.Length; i++)
        {
            float clamped = Math.Clamp(source[i], short.MinValue, short.MaxValue);
            target[i] = (short)(BitConverter.SingleToInt32Bits(clamped + Rounder) - BitConverter.SingleToInt32Bits(Rounder));
        }
    }

    private static Vector<int> Rounded(Vector<float> samples)
    {
        Vector<float> clamped = Vector.Min(Vector.Max(samples, new Vector<float>(short.MinValue)), new Vector<float>(short.MaxValue));
        return Vector.AsVectorInt32(clamped + new Vector<float>(Rounder)) - Vector.AsVectorInt32(new Vector<float>(Rounder));
    }
}
