using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bridge.Audio;

/// <summary>
/// 2:1, as 48 to 24 kHz. The input is split into its even and odd samples; each half goes through its half of the filter,
/// and neighbouring lanes compute neighbouring outputs, so nothing is ever shuffled inside the filter.
/// </summary>
internal sealed class HalvingConverter<TLanes, TVector> : RateConverter
    where TLanes : struct, IVectorLanes<TVector>
    where TVector : struct
{
    private const int Wide = 16; // floats of the widest vector
    private const int Group = 10; // outputs side by side, enough to keep two multipliers busy

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
        if (width == Wide && output.Length >= 8 * Wide && _taps > 4 * Wide && _taps <= 5 * Wide)
        {
            int half = output.Length / (2 * Wide);
            FilterTwoRuns(output, half);
            i = 2 * half * Wide;
        }

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
    /// The widest vectors are bound by loads, and a load of 64 bytes off its boundary costs two. So each vector of input is
    /// loaded once and serves all five outputs that it belongs to: at input block b the outputs b, b-1 ... b-4 are under
    /// way, each 16 taps further than the next. Two runs over two halves of the block share every coefficient.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FilterTwoRuns(Span<float> output, int half)
    {
        int run = half * Wide;
        int tail = _taps - (4 * Wide);
        ref float coefficients = ref MemoryMarshal.GetArrayDataReference(Coefficients);
        ref float target = ref output[..(2 * run)][0];
        TVector p0 = TLanes.Zero, p1 = p0, p2 = p0, p3 = p0, p4 = p0;
        TVector q0 = p0, q1 = p0, q2 = p0, q3 = p0, q4 = p0;
        for (int block = 0; block < half + 4; block++)
        {
            ref float even = ref _even[block * Wide];
            ref float odd = ref _odd[block * Wide];
            ref float row = ref coefficients;
            int t = 0;
            for (; t < tail; t++)
            {
                TVector p = TLanes.Load(ref even, t);
                TVector q = TLanes.Load(ref even, t + run);
                Step(ref row, 0, p, q, ref p0, ref q0);
                Step(ref row, 2 * Wide, p, q, ref p1, ref q1);
                Step(ref row, 4 * Wide, p, q, ref p2, ref q2);
                Step(ref row, 6 * Wide, p, q, ref p3, ref q3);
                Step(ref row, 8 * Wide, p, q, ref p4, ref q4);
                p = TLanes.Load(ref odd, t);
                q = TLanes.Load(ref odd, t + run);
                Step(ref row, 1, p, q, ref p0, ref q0);
                Step(ref row, (2 * Wide) + 1, p, q, ref p1, ref q1);
                Step(ref row, (4 * Wide) + 1, p, q, ref p2, ref q2);
                Step(ref row, (6 * Wide) + 1, p, q, ref p3, ref q3);
                Step(ref row, (8 * Wide) + 1, p, q, ref p4, ref q4);
                row = ref Unsafe.Add(ref row, 2);
            }

            for (; t < Wide; t++)
            {
                TVector p = TLanes.Load(ref even, t);
                TVector q = TLanes.Load(ref even, t + run);
                Step(ref row, 0, p, q, ref p0, ref q0);
                Step(ref row, 2 * Wide, p, q, ref p1, ref q1);
                Step(ref row, 4 * Wide, p, q, ref p2, ref q2);
                Step(ref row, 6 * Wide, p, q, ref p3, ref q3);
                p = TLanes.Load(ref odd, t);
                q = TLanes.Load(ref odd, t + run);
                Step(ref row, 1, p, q, ref p0, ref q0);
                Step(ref row, (2 * Wide) + 1, p, q, ref p1, ref q1);
                Step(ref row, (4 * Wide) + 1, p, q, ref p2, ref q2);
                Step(ref row, (6 * Wide) + 1, p, q, ref p3, ref q3);
                row = ref Unsafe.Add(ref row, 2);
            }

            if (block >= 4)
            {
                TLanes.Store(p4, ref target, (block - 4) * Wide);
                TLanes.Store(q4, ref target, ((block - 4) * Wide) + run);
            }

            (p4, p3, p2, p1, p0) = (p3, p2, p1, p0, TLanes.Zero);
            (q4, q3, q2, q1, q0) = (q3, q2, q1, q0, TLanes.Zero);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref float row, int tap, TVector p, TVector q, ref TVector sumP, ref TVector sumQ)
    {
        TVector coefficient = TLanes.Broadcast(Unsafe.Add(ref row, tap));
        sumP = TLanes.MultiplyAdd(coefficient, p, sumP);
        sumQ = TLanes.MultiplyAdd(coefficient, q, sumQ);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FilterGroup(Span<float> output, int at)
    {
        ref float even = ref _even[at];
        ref float odd = ref _odd[at];
        ref float row = ref MemoryMarshal.GetArrayDataReference(Coefficients);
        int width = TLanes.Count;
        TVector s0 = TLanes.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0;
        for (int j = 0; j < _taps; j++)
        {
            TVector a = TLanes.Broadcast(Unsafe.Add(ref row, 2 * j));
            s0 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j), s0);
            s1 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + width), s1);
            s2 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (2 * width)), s2);
            s3 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (3 * width)), s3);
            s4 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (4 * width)), s4);
            s5 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (5 * width)), s5);
            s6 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (6 * width)), s6);
            s7 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (7 * width)), s7);
            s8 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (8 * width)), s8);
            s9 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (9 * width)), s9);
            a = TLanes.Broadcast(Unsafe.Add(ref row, (2 * j) + 1));
            s0 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j), s0);
            s1 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + width), s1);
            s2 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + (2 * width)), s2);
            s3 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + (3 * width)), s3);
            s4 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + (4 * width)), s4);
            s5 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + (5 * width)), s5);
            s6 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + (6 * width)), s6);
            s7 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + (7 * width)), s7);
            s8 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + (8 * width)), s8);
            s9 = TLanes.MultiplyAdd(a, TLanes.Load(ref odd, j + (9 * width)), s9);
        }

        ref float target = ref output[at];
        TLanes.Store(s0, ref target, 0);
        TLanes.Store(s1, ref target, width);
        TLanes.Store(s2, ref target, 2 * width);
        TLanes.Store(s3, ref target, 3 * width);
        TLanes.Store(s4, ref target, 4 * width);
        TLanes.Store(s5, ref target, 5 * width);
        TLanes.Store(s6, ref target, 6 * width);
        TLanes.Store(s7, ref target, 7 * width);
        TLanes.Store(s8, ref target, 8 * width);
        TLanes.Store(s9, ref target, 9 * width);
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
