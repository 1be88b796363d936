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
        const int Group = 5; // 480 outputs in vectors of 16 are six groups
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FilterGroup(Span<float> output, int at)
    {
        ref float even = ref _even[at];
        ref float odd = ref _odd[at];
        ref float coefficients = ref MemoryMarshal.GetArrayDataReference(Coefficients);
        int width = TLanes.Count;
        TVector even0 = TLanes.Zero, even1 = even0, even2 = even0, even3 = even0, even4 = even0;
        TVector odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0, odd4 = even0;
        for (int j = 0; j < _taps; j++)
        {
            TVector a = TLanes.Broadcast(Unsafe.Add(ref coefficients, 2 * j));
            TVector b = TLanes.Broadcast(Unsafe.Add(ref coefficients, (2 * j) + 1));
            even0 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j), even0);
            odd0 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, j), odd0);
            even1 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + width), even1);
            odd1 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, j + width), odd1);
            even2 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (2 * width)), even2);
            odd2 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, j + (2 * width)), odd2);
            even3 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (3 * width)), even3);
            odd3 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, j + (3 * width)), odd3);
            even4 = TLanes.MultiplyAdd(a, TLanes.Load(ref even, j + (4 * width)), even4);
            odd4 = TLanes.MultiplyAdd(b, TLanes.Load(ref odd, j + (4 * width)), odd4);
        }

        ref float target = ref output[at];
        TLanes.Store(TLanes.Add(even0, odd0), ref target, 0);
        TLanes.Store(TLanes.Add(even1, odd1), ref target, width);
        TLanes.Store(TLanes.Add(even2, odd2), ref target, 2 * width);
        TLanes.Store(TLanes.Add(even3, odd3), ref target, 3 * width);
        TLanes.Store(TLanes.Add(even4, odd4), ref target, 4 * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FilterOne<TOne, TOneVector>(Span<float> output, int at)
        where TOne : struct, IVectorLanes<TOneVector>
        where TOneVector : struct
    {
        ref float even = ref _even[at];
        ref float odd = ref _odd[at];
        ref float coefficients = ref MemoryMarshal.GetArrayDataReference(Coefficients);
        TOneVector evens = TOne.Zero;
        TOneVector odds = TOne.Zero;
        for (int j = 0; j < _taps; j++)
        {
            evens = TOne.MultiplyAdd(TOne.Broadcast(Unsafe.Add(ref coefficients, 2 * j)), TOne.Load(ref even, j), evens);
            odds = TOne.MultiplyAdd(TOne.Broadcast(Unsafe.Add(ref coefficients, (2 * j) + 1)), TOne.Load(ref odd, j), odds);
        }

        TOne.Store(TOne.Add(evens, odds), ref output[at], 0);
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
