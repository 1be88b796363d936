using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bridge.Audio.Resampling;

/// <summary>Any ratio: one row of the bank per output sample.</summary>
internal sealed class RationalConverter<TLanes, TVector> : RateConverter
    where TLanes : struct, IVectorLanes<TVector>
    where TVector : struct
{
    private readonly ResamplerBank _bank;
    private readonly int _history; // inputs kept from one block to the next: a row, and what a large step leaves behind
    private readonly float[] _window; // the history, then the block
    private int _phase; // output position times Up, modulo Up
    private int _ahead; // newest input of the next output, counted from the block's first; negative: still in the history

    internal RationalConverter(ResamplerBank bank)
    {
        _bank = bank;
        _history = bank.Taps + (bank.Down / bank.Up) + 1;
        _window = new float[_history + Block];
    }

    internal override double Delay => _bank.Taps / 2.0;

    internal override void Reset()
    {
        _window.AsSpan().Clear();
        _phase = _ahead = 0;
    }

    internal override int ProcessBlock(ReadOnlySpan<float> input, Span<float> output)
    {
        CopySane<TLanes, TVector>(input, _window.AsSpan(_history));
        int written = Filter(input.Length, output);
        _window.AsSpan(input.Length, _history).CopyTo(_window);
        return written;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Filter(int count, Span<float> output)
    {
        int taps = _bank.Taps;
        int step = _bank.Down / _bank.Up;
        int rest = _bank.Down % _bank.Up;
        int phase = _phase;
        int at = _ahead;
        int written = 0;
        ref float window = ref _window[_history - taps + 1]; // where the row of the block's first sample starts
        ref float rows = ref MemoryMarshal.GetArrayDataReference(_bank.Rows);

        // Output k is complete, by the count that is promised, once the inputs cover the whole of its period.
        while (Complete(at, phase, count))
        {
            output[written++] = TLanes.Dot(ref Unsafe.Add(ref window, at), ref Unsafe.Add(ref rows, phase * taps), taps);
            at += step;
            phase += rest;
            if (phase >= _bank.Up)
            {
                phase -= _bank.Up;
                at++;
            }
        }

        _phase = phase;
        _ahead = at - count;
        return written;
    }

    /// <summary>
    /// Whether ⌊n·up/down⌋ has reached the output at (at, phase), n counted to the end of the block: (at·up + phase + down) ≤ n·up.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Complete(int at, int phase, int count) => ((long)at * _bank.Up) + phase + _bank.Down <= (long)count * _bank.Up;
}
