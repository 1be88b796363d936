using System.Runtime.InteropServices;

namespace Bridge.Audio.Resampling;

/// <summary>One way to convert a stream of floats from one rate to another, in pieces of any length.</summary>
internal abstract class RateConverter
{
    /// <summary>Input samples taken at a time at most.</summary>
    protected const int Block = 1024;

    /// <summary>How far the output lags behind, in input samples.</summary>
    internal abstract double Delay { get; }

    internal abstract void Reset();

    /// <summary>Takes at most <see cref="Block"/> samples in and writes all that they complete.</summary>
    /// <returns>Samples written.</returns>
    internal abstract int ProcessBlock(ReadOnlySpan<float> input, Span<float> output);

    internal int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        int written = 0;
        while (!input.IsEmpty)
        {
            int count = Math.Min(Block, input.Length);
            written += ProcessBlock(input[..count], output[written..]);
            input = input[count..];
        }

        return written;
    }

    /// <summary>Copies samples, with 0 in place of what is no number.</summary>
    protected static void CopySane<TLanes, TVector>(ReadOnlySpan<float> source, Span<float> target)
        where TLanes : struct, IVectorLanes<TVector>
        where TVector : struct
    {
        ref float from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(target[..source.Length]);
        int i = 0;
        for (; i <= source.Length - TLanes.Count; i += TLanes.Count)
        {
            TLanes.Store(TLanes.Sane(TLanes.Load(ref from, i)), ref to, i);
        }

        for (; i < source.Length; i++)
        {
            target[i] = ScalarLanes.Sane(source[i]);
        }
    }
}
