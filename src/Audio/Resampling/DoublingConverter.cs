using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bridge.Audio.Resampling;

/// <summary>
/// 1:2, as 24 to 48 kHz. The two halves of the filter run over the same samples, one giving the outputs at even places,
/// the other those at odd places; neighbouring lanes compute neighbouring outputs.
/// </summary>
internal sealed class DoublingConverter<TLanes, TVector> : RateConverter
    where TLanes : struct, IVectorLanes<TVector>
    where TVector : struct
{
    private static readonly float[] Coefficients = Interleaved();

    private readonly int _taps = Coefficients.Length / 2;
    private readonly float[] _window;

    internal DoublingConverter() => _window = new float[_taps + Block];

    internal override double Delay => (ResamplerBank.TwoToOnePrototype.Length - 1) / 4.0;

    internal override void Reset() => _window.AsSpan().Clear();

    internal override int ProcessBlock(ReadOnlySpan<float> input, Span<float> output)
    {
        int history = _taps - 1;
        CopySane<TLanes, TVector>(input, _window.AsSpan(history));
        Filter(input.Length, output[..(2 * input.Length)]);
        _window.AsSpan(input.Length, history).CopyTo(_window);
        return 2 * input.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Filter(int count, Span<float> output)
    {
        const int Group = 5;
        int width = TLanes.Count;
        int i = 0;
        for (; i <= count - (Group * width); i += Group * width)
        {
            FilterGroup(output, i);
        }

        for (; i <= count - width; i += width)
        {
            FilterOne<TLanes, TVector>(output, i);
        }

        if (i < count && count >= width)
        {
            // The last vector overlaps the one before: the same outputs once more, to the same bits.
            FilterOne<TLanes, TVector>(output, count - width);
            return;
        }

        for (; i < count; i++)
        {
            FilterOne<ScalarLanes, float>(output, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FilterGroup(Span<float> output, int at)
    {
        ref float window = ref _window[at];
        ref float coefficients = ref MemoryMarshal.GetArrayDataReference(Coefficients);
        int width = TLanes.Count;
        TVector even0 = TLanes.Zero, even1 = even0, even2 = even0, even3 = even0, even4 = even0;
        TVector odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0, odd4 = even0;
        for (int j = _taps; j > 0; j--)
        {
            TVector a = TLanes.Broadcast(coefficients);
            TVector b = TLanes.Broadcast(Unsafe.Add(ref coefficients, 1));
            TVector x = TLanes.Load(ref window, 0);
            even0 = TLanes.MultiplyAdd(a, x, even0);
            odd0 = TLanes.MultiplyAdd(b, x, odd0);
            x = TLanes.Load(ref window, width);
            even1 = TLanes.MultiplyAdd(a, x, even1);
            odd1 = TLanes.MultiplyAdd(b, x, odd1);
            x = TLanes.Load(ref window, 2 * width);
            even2 = TLanes.MultiplyAdd(a, x, even2);
            odd2 = TLanes.MultiplyAdd(b, x, odd2);
            x = TLanes.Load(ref window, 3 * width);
            even3 = TLanes.MultiplyAdd(a, x, even3);
            odd3 = TLanes.MultiplyAdd(b, x, odd3);
            x = TLanes.Load(ref window, 4 * width);
            even4 = TLanes.MultiplyAdd(a, x, even4);
            odd4 = TLanes.MultiplyAdd(b, x, odd4);
            window = ref Unsafe.Add(ref window, 1);
            coefficients = ref Unsafe.Add(ref coefficients, 2);
        }

        ref float target = ref output[2 * at];
        TLanes.StoreMerged(even0, odd0, ref target, 0);
        TLanes.StoreMerged(even1, odd1, ref target, 2 * width);
        TLanes.StoreMerged(even2, odd2, ref target, 4 * width);
        TLanes.StoreMerged(even3, odd3, ref target, 6 * width);
        TLanes.StoreMerged(even4, odd4, ref target, 8 * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FilterOne<TOne, TOneVector>(Span<float> output, int at)
        where TOne : struct, IVectorLanes<TOneVector>
        where TOneVector : struct
    {
        ref float window = ref _window[at];
        ref float coefficients = ref MemoryMarshal.GetArrayDataReference(Coefficients);
        TOneVector evens = TOne.Zero;
        TOneVector odds = TOne.Zero;
        for (int j = 0; j < _taps; j++)
        {
            TOneVector x = TOne.Load(ref window, j);
            evens = TOne.MultiplyAdd(TOne.Broadcast(Unsafe.Add(ref coefficients, 2 * j)), x, evens);
            odds = TOne.MultiplyAdd(TOne.Broadcast(Unsafe.Add(ref coefficients, (2 * j) + 1)), x, odds);
        }

        TOne.StoreMerged(evens, odds, ref output[2 * at], 0);
    }

    /// <summary>
    /// Coefficients of the even and of the odd outputs in turn, oldest sample first; doubled, because every other input of the prototype is
    /// 0.
    /// </summary>
    private static float[] Interleaved()
    {
        ReadOnlySpan<double> prototype = ResamplerBank.TwoToOnePrototype;
        int taps = (prototype.Length + 1) / 2;
        float[] coefficients = new float[2 * taps];
        for (int j = 0; j < taps; j++)
        {
            int back = 2 * (taps - 1 - j);
            coefficients[2 * j] = (float)(2 * prototype[back]);
            coefficients[(2 * j) + 1] = back + 1 < prototype.Length ? (float)(2 * prototype[back + 1]) : 0;
        }

        return coefficients;
    }
}
