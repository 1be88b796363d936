using System.Runtime.CompilerServices;

namespace Bridge.Audio.Resampling;

/// <summary>The scalar counterpart: vectors of one float.</summary>
internal readonly struct ScalarLanes : IVectorLanes<float>
{
    /// <summary>Beyond this a sample is no sound; the sums of any filter stay finite below it.</summary>
    internal const float Largest = 1e30f;

    public static int Count => 1;

    public static float Zero => 0;

    public static float Broadcast(float value) => value;

    public static float Load(ref float source, int offset) => Unsafe.Add(ref source, offset);

    public static void Store(float vector, ref float target, int offset) => Unsafe.Add(ref target, offset) = vector;

    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static float Add(float a, float b) => a + b;

    public static float Sane(float vector) => MathF.Abs(vector) <= Largest ? vector : 0;

    public static (float Even, float Odd) Split(ref float source, int offset) =>
        (Unsafe.Add(ref source, offset), Unsafe.Add(ref source, offset + 1));

    public static void StoreMerged(float even, float odd, ref float target, int offset)
    {
        Unsafe.Add(ref target, offset) = even;
        Unsafe.Add(ref target, offset + 1) = odd;
    }

    public static float Dot(ref float a, ref float b, int length)
    {
        Span<float> sums = stackalloc float[16];
        sums.Clear();
        for (int i = 0; i < length; i += 16)
        {
            for (int lane = 0; lane < 16; lane++)
            {
                sums[lane] = MathF.FusedMultiplyAdd(Unsafe.Add(ref a, i + lane), Unsafe.Add(ref b, i + lane), sums[lane]);
            }
        }

        for (int half = 8; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
            {
                sums[lane] += sums[lane + half];
            }
        }

        return sums[0];
    }
}
