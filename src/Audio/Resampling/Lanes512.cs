using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bridge.Audio.Resampling;

/// <summary>Vectors of 16 floats.</summary>
internal readonly struct Lanes512 : IVectorLanes<Vector512<float>>
{
    public static int Count => 16;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref float source, int offset) => Vector512.LoadUnsafe(ref source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> vector, ref float target, int offset) => vector.StoreUnsafe(ref target, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sane(Vector512<float> vector) =>
        Vector512.LessThanOrEqual(Vector512.Abs(vector), Vector512.Create(ScalarLanes.Largest)) & vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Even, Vector512<float> Odd) Split(ref float source, int offset)
    {
        // Two floats are one 64-bit number: its lower half is the even one, its upper half the odd one.
        Vector512<ulong> first = Load(ref source, offset).AsUInt64();
        Vector512<ulong> second = Load(ref source, offset + Count).AsUInt64();
        return (Vector512.Narrow(first, second).AsSingle(), Vector512.Narrow(first >>> 32, second >>> 32).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMerged(Vector512<float> even, Vector512<float> odd, ref float target, int offset)
    {
        (Vector512<ulong> evenLow, Vector512<ulong> evenHigh) = Vector512.Widen(even.AsUInt32());
        (Vector512<ulong> oddLow, Vector512<ulong> oddHigh) = Vector512.Widen(odd.AsUInt32());
        Store((evenLow | (oddLow << 32)).AsSingle(), ref target, offset);
        Store((evenHigh | (oddHigh << 32)).AsSingle(), ref target, offset + Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(ref float a, ref float b, int length)
    {
        Vector512<float> sum = Zero;
        for (int i = 0; i < length; i += 16)
        {
            sum = MultiplyAdd(Load(ref a, i), Load(ref b, i), sum);
        }

        Vector256<float> eight = sum.GetLower() + sum.GetUpper();
        return Lanes128.Fold(eight.GetLower() + eight.GetUpper());
    }
}
