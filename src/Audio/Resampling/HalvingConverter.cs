using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bridge.Audio.Resampling;

/// <summary>
/// 2:1, as 48 to 24 kHz. The input is split into its even and odd samples; each half goes through its half of the filter,
/// and neighbouring lanes compute neighbouring outputs, so nothing is ever shuffled inside the filter.
/// </summary>
internal sealed class HalvingConverter<TLanes, TVector> : RateConverter
    where TLanes : struct, IVectorLanes<TVector>
    where TVector : struct
{
    private const int Group = 10; // vectors of outputs side by side, enough to keep two multipliers busy

    private static readonly float[] Coefficients = Interleaved();

    private readonly int _taps = Coefficients.Length / 2;
    private readonly float[] _even;
    private readonly float[] _odd;
    private float _left;
    private bool _hasLeft;

    internal HalvingConverter()
    {
        _even = new float[_taps + (Block / 2)];
        _odd = new float[_taps + (Block / 2)];
    }

    internal override double Delay => ((ResamplerBank.TwoToOnePrototype.Length - 1) / 2) - 1;

    internal override void Reset()
    {
        _even.AsSpan().Clear();
        _odd.AsSpan().Clear();
        _hasLeft = false;
    }

    internal override int ProcessBlock(ReadOnlySpan<float> input, Span<float> output)
    {
        int history = _taps - 1;
        int pairs = Take(input, history);
        Filter(output[..pairs]);
        _even.AsSpan(pairs, history).CopyTo(_even);
        _odd.AsSpan(pairs, history).CopyTo(_odd);
        return pairs;
    }

    /// <summary>Splits the input into pairs behind the history; a sample without a partner waits for the next block.</summary>
    private int Take(ReadOnlySpan<float> input, int at)
    {
        int start = at;
        if (_hasLeft && !input.IsEmpty)
        {
            _even[at] = _left;
            _odd[at++] = ScalarLanes.Sane(input[0]);
            input = input[1..];
            _hasLeft = false;
        }

        int pairs = input.Length / 2;
        ref float source = ref MemoryMarshal.GetReference(input);
        ref float even = ref _even[at];
        ref float odd = ref _odd[at];
        int i = 0;
        for (; i <= pairs - TLanes.Count; i += TLanes.Count)
        {
            (TVector evens, TVector odds) = TLanes.Split(ref source, 2 * i);
            TLanes.Store(TLanes.Sane(evens), ref even, i);
            TLanes.Store(TLanes.Sane(odds), ref odd, i);
        }

        for (; i < pairs; i++)
        {
            _even[at + i] = ScalarLanes.Sane(input[2 * i]);
            _odd[at + i] = ScalarLanes.Sane(input[(2 * i) + 1]);
        }

        if ((input.Length & 1) != 0)
        {
            _left = ScalarLanes.Sane(input[^1]);
            _hasLeft = true;
        }

        return at + pairs - start;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Filter(Span<float> output)
    {
        int width = TLanes.Count;
        int i = 0;
        for (; i <= output.Length - (Group * width); i += Group * width)
        {
            FilterGroup(output, i);
        }

        for (; i <= output.Length - width; i += width)
        {
            FilterOne<TLanes, TVector>(output, i);
        }

        if (i < output.Length && output.Length >= width)
        {
            // The last vector overlaps the one before: the same outputs once more, to the same bits.
            FilterOne<TLanes, TVector>(output, output.Length - width);
            return;
        }

        for (; i < output.Length; i++)
        {
            FilterOne<ScalarLanes, float>(output, i);
        }
    }

    /// <summary>
    /// Ten vectors of outputs, in five pairs of neighbours. The vector that the first of a pair multiplies by one tap,
    /// the second multiplies by the tap <c>width</c> before it: each input is loaded once for both. Loads would otherwise be the bound,
    /// for half of them straddle cache lines and cost two.
    /// </summary>
    /// <remarks>Not inlined and without helpers that take sums by reference: either way the compiler keeps sums in memory.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void FilterGroup(Span<float> output, int at)
    {
        int width = TLanes.Count;
        int stride = 2 * width;
        ref float even = ref _even[at];
        ref float odd = ref _odd[at];
        ref float row = ref MemoryMarshal.GetArrayDataReference(Coefficients);
        TVector p0 = TLanes.Zero, p1 = p0, p2 = p0, p3 = p0, p4 = p0;
        TVector q0 = p0, q1 = p0, q2 = p0, q3 = p0, q4 = p0;
        for (int j = width; j > 0; j--)
        {
            TVector a = TLanes.Broadcast(row);
            p0 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, 0), p0);
            p1 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, stride), p1);
            p2 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, 2 * stride), p2);
            p3 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, 3 * stride), p3);
            p4 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, 4 * stride), p4);
            a = TLanes.Broadcast(Unsafe.Add(ref row, 1));
            p0 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, 0), p0);
            p1 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, stride), p1);
            p2 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, 2 * stride), p2);
            p3 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, 3 * stride), p3);
            p4 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, 4 * stride), p4);
            even = ref Unsafe.Add(ref even, 1);
            odd = ref Unsafe.Add(ref odd, 1);
            row = ref Unsafe.Add(ref row, 2);
        }

        for (int j = _taps - width; j > 0; j--)
        {
            TVector a = TLanes.Broadcast(row);
            TVector b = TLanes.Broadcast(Unsafe.Add(ref row, -stride));
            TVector x = TLanes.Load(ref even, 0);
            p0 = TLanes.MultiplyAdd(a, x, p0);
            q0 = TLanes.MultiplyAdd(b, x, q0);
            x = TLanes.Load(ref even, stride);
            p1 = TLanes.MultiplyAdd(a, x, p1);
            q1 = TLanes.MultiplyAdd(b, x, q1);
            x = TLanes.Load(ref even, 2 * stride);
            p2 = TLanes.MultiplyAdd(a, x, p2);
            q2 = TLanes.MultiplyAdd(b, x, q2);
            x = TLanes.Load(ref even, 3 * stride);
            p3 = TLanes.MultiplyAdd(a, x, p3);
            q3 = TLanes.MultiplyAdd(b, x, q3);
            x = TLanes.Load(ref even, 4 * stride);
            p4 = TLanes.MultiplyAdd(a, x, p4);
            q4 = TLanes.MultiplyAdd(b, x, q4);
            a = TLanes.Broadcast(Unsafe.Add(ref row, 1));
            b = TLanes.Broadcast(Unsafe.Add(ref row, 1 - stride));
            x = TLanes.Load(ref odd, 0);
            p0 = TLanes.MultiplyAdd(a, x, p0);
            q0 = TLanes.MultiplyAdd(b, x, q0);
            x = TLanes.Load(ref odd, stride);
            p1 = TLanes.MultiplyAdd(a, x, p1);
            q1 = TLanes.MultiplyAdd(b, x, q1);
            x = TLanes.Load(ref odd, 2 * stride);
            p2 = TLanes.MultiplyAdd(a, x, p2);
            q2 = TLanes.MultiplyAdd(b, x, q2);
            x = TLanes.Load(ref odd, 3 * stride);
            p3 = TLanes.MultiplyAdd(a, x, p3);
            q3 = TLanes.MultiplyAdd(b, x, q3);
            x = TLanes.Load(ref odd, 4 * stride);
            p4 = TLanes.MultiplyAdd(a, x, p4);
            q4 = TLanes.MultiplyAdd(b, x, q4);
            even = ref Unsafe.Add(ref even, 1);
            odd = ref Unsafe.Add(ref odd, 1);
            row = ref Unsafe.Add(ref row, 2);
        }

        ref float target = ref output[at];
        TLanes.Store(p0, ref target, 0);
        TLanes.Store(p1, ref target, stride);
        TLanes.Store(p2, ref target, 2 * stride);
        TLanes.Store(p3, ref target, 3 * stride);
        TLanes.Store(p4, ref target, 4 * stride);
        for (int j = width; j > 0; j--)
        {
            TVector b = TLanes.Broadcast(Unsafe.Add(ref row, -stride));
            q0 = TLanes.MultiplyAdd(b, TLanes.Load(ref even, 0), q0);
            q1 = TLanes.MultiplyAdd(b, TLanes.Load(ref even, stride), q1);
            q2 = TLanes.MultiplyAdd(b, TLanes.Load(ref even, 2 * stride), q2);
            q3 = TLanes.MultiplyAdd(b, TLanes.Load(ref even, 3 * stride), q3);
            q4 = TLanes.MultiplyAdd(b, TLanes.Load(ref even, 4 * stride), q4);
            b = TLanes.Broadcast(Unsafe.Add(ref row, 1 - stride));
            q0 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, 0), q0);
            q1 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, stride), q1);
            q2 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, 2 * stride), q2);
            q3 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, 3 * stride), q3);
            q4 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, 4 * stride), q4);
            even = ref Unsafe.Add(ref even, 1);
            odd = ref Unsafe.Add(ref odd, 1);
            row = ref Unsafe.Add(ref row, 2);
        }

        TLanes.Store(q0, ref target, width);
        TLanes.Store(q1, ref target, width + stride);
        TLanes.Store(q2, ref target, width + (2 * stride));
        TLanes.Store(q3, ref target, width + (3 * stride));
        TLanes.Store(q4, ref target, width + (4 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FilterOne<TOne, TOneVector>(Span<float> output, int at)
        where TOne : struct, IVectorLanes<TOneVector>
        where TOneVector : struct
    {
        ref float even = ref _even[at];
        ref float odd = ref _odd[at];
        ref float coefficients = ref MemoryMarshal.GetArrayDataReference(Coefficients);
        TOneVector sum = TOne.Zero;
        for (int j = 0; j < _taps; j++)
        {
            sum = TOne.MultiplyAdd(TOne.Broadcast(Unsafe.Add(ref coefficients, 2 * j)), TOne.Load(ref even, j), sum);
            sum = TOne.MultiplyAdd(TOne.Broadcast(Unsafe.Add(ref coefficients, (2 * j) + 1)), TOne.Load(ref odd, j), sum);
        }

        TOne.Store(sum, ref output[at], 0);
    }

    /// <summary>
    /// Output k ends with the pair (2k, 2k+1): the odd sample meets the taps of even index, the even sample those of odd
    /// index. Oldest first, a pair of coefficients per pair of samples.
    /// </summary>
    private static float[] Interleaved()
    {
        ReadOnlySpan<double> prototype = ResamplerBank.TwoToOnePrototype;
        int taps = (prototype.Length + 1) / 2;
        float[] coefficients = new float[2 * taps];
        for (int j = 0; j < taps; j++)
        {
            int back = 2 * (taps - 1 - j);
            coefficients[2 * j] = back + 1 < prototype.Length ? (float)prototype[back + 1] : 0;
            coefficients[(2 * j) + 1] = (float)prototype[back];
        }

        return coefficients;
    }
}
