using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bridge.Audio.Resampling;

/// <summary>Vectors of 8 floats.</summary>
internal readonly struct Lanes256 : IVectorLanes<Vector256<float>>
{
    public static int Count => 8;

    public static Vector256<float> Zero => Vector256<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref float source, int offset) => Vector256.LoadUnsafe(ref source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> vector, ref float target, int offset) => vector.StoreUnsafe(ref target, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sane(Vector256<float> vector) =>
        Vector256.LessThanOrEqual(Vector256.Abs(vector), Vector256.Create(ScalarLanes.Largest)) & vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Even, Vector256<float> Odd) Split(ref float source, int offset)
    {
        // Two floats are one 64-bit number: its lower half is the even one, its upper half the odd one.
        Vector256<ulong> first = Load(ref source, offset).AsUInt64();
        Vector256<ulong> second = Load(ref source, offset + Count).AsUInt64();
        return (Vector256.Narrow(first, second).AsSingle(), Vector256.Narrow(first >>> 32, second >>> 32).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMerged(Vector256<float> even, Vector256<float> odd, ref float target, int offset)
    {
        (Vector256<ulong> evenLow, Vector256<ulong> evenHigh) = Vector256.Widen(even.AsUInt32());
        (Vector256<ulong> oddLow, Vector256<ulong> oddHigh) = Vector256.Widen(odd.AsUInt32());
        Store((evenLow | (oddLow << 32)).AsSingle(), ref target, offset);
        Store((evenHigh | (oddHigh << 32)).AsSingle(), ref target, offset + Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(ref float a, ref float b, int length)
    {
        Vector256<float> low = Zero;
        Vector256<float> high = Zero;
        for (int i = 0; i < length; i += 16)
        {
            low = MultiplyAdd(Load(ref a, i), Load(ref b, i), low);
            high = MultiplyAdd(Load(ref a, i + 8), Load(ref b, i + 8), high);
        }

        Vector256<float> eight = low + high;
        return Lanes128.Fold(eight.GetLower() + eight.GetUpper());
    }
}
