using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bridge.Audio.Resampling;

/// <summary>Vectors of 4 floats.</summary>
internal readonly struct Lanes128 : IVectorLanes<Vector128<float>>
{
    public static int Count => 4;

    public static Vector128<float> Zero => Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(ref float source, int offset) => Vector128.LoadUnsafe(ref source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> vector, ref float target, int offset) => vector.StoreUnsafe(ref target, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sane(Vector128<float> vector) =>
        Vector128.LessThanOrEqual(Vector128.Abs(vector), Vector128.Create(ScalarLanes.Largest)) & vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<float> Even, Vector128<float> Odd) Split(ref float source, int offset)
    {
        // Two floats are one 64-bit number: its lower half is the even one, its upper half the odd one.
        Vector128<ulong> first = Load(ref source, offset).AsUInt64();
        Vector128<ulong> second = Load(ref source, offset + Count).AsUInt64();
        return (Vector128.Narrow(first, second).AsSingle(), Vector128.Narrow(first >>> 32, second >>> 32).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMerged(Vector128<float> even, Vector128<float> odd, ref float target, int offset)
    {
        (Vector128<ulong> evenLow, Vector128<ulong> evenHigh) = Vector128.Widen(even.AsUInt32());
        (Vector128<ulong> oddLow, Vector128<ulong> oddHigh) = Vector128.Widen(odd.AsUInt32());
        Store((evenLow | (oddLow << 32)).AsSingle(), ref target, offset);
        Store((evenHigh | (oddHigh << 32)).AsSingle(), ref target, offset + Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(ref float a, ref float b, int length)
    {
        Vector128<float> first = Zero;
        Vector128<float> second = Zero;
        Vector128<float> third = Zero;
        Vector128<float> fourth = Zero;
        for (int i = 0; i < length; i += 16)
        {
            first = MultiplyAdd(Load(ref a, i), Load(ref b, i), first);
            second = MultiplyAdd(Load(ref a, i + 4), Load(ref b, i + 4), second);
            third = MultiplyAdd(Load(ref a, i + 8), Load(ref b, i + 8), third);
            fourth = MultiplyAdd(Load(ref a, i + 12), Load(ref b, i + 12), fourth);
        }

        return Fold(first + third + (second + fourth));
    }

    /// <summary>Folds four floats in halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Fold(Vector128<float> sum)
    {
        float even = sum.ToScalar() + sum.GetElement(2);
        float odd = sum.GetElement(1) + sum.GetElement(3);
        return even + odd;
    }
}
