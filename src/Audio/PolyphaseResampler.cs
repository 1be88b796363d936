using System.Diagnostics.CodeAnalysis;

namespace Bridge.Audio;

/// <summary>
/// Streaming conversion between sample rates by windowed-sinc filter banks. The output does not depend on how the input
/// is cut into pieces, and its count is exact from the first call: after n input samples, ⌊n·out/in⌋ have come out.
/// </summary>
/// <remarks>One stream, one owner. Allocates nothing after construction. Samples that are not finite count as silence.</remarks>
public sealed class PolyphaseResampler
{
    /// <summary>Makes a converter.</summary>
    /// <param name="inputRate">Hz, one of <see cref="SupportedRates"/>.</param>
    /// <param name="outputRate">Hz, one of <see cref="SupportedRates"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    public PolyphaseResampler(int inputRate, int outputRate) => throw new NotImplementedException();

    /// <summary>8, 16, 22.05, 24, 44.1 and 48 kHz.</summary>
    public static IReadOnlyList<int> SupportedRates => throw new NotImplementedException();

    /// <summary>Rate of the input in Hz.</summary>
    public int InputRate => throw new NotImplementedException();

    /// <summary>Rate of the output in Hz.</summary>
    public int OutputRate => throw new NotImplementedException();

    /// <summary>How far the output lags behind the input: half the filter's length.</summary>
    public TimeSpan Delay => throw new NotImplementedException();

    /// <summary>Makes a converter, or says no to a rate that is not supported.</summary>
    /// <param name="inputRate">Hz.</param>
    /// <param name="outputRate">Hz.</param>
    /// <param name="resampler">The converter.</param>
    /// <returns><see langword="false"/> for a rate that is not in <see cref="SupportedRates"/>.</returns>
    public static bool TryCreate(int inputRate, int outputRate, [NotNullWhen(true)] out PolyphaseResampler? resampler) => throw new NotImplementedException();

    /// <summary>Tells how many samples the next call will write.</summary>
    /// <param name="inputCount">Samples that will be given to it.</param>
    /// <returns>The exact count.</returns>
    public int OutputCount(int inputCount) => throw new NotImplementedException();

    /// <summary>Converts a piece of the stream.</summary>
    /// <param name="input">Mono float samples, any length.</param>
    /// <param name="output">Room for <see cref="OutputCount"/> samples.</param>
    /// <returns>Samples written, or <see cref="AudioError.BufferTooSmall"/>; then nothing was consumed.</returns>
    public int Process(ReadOnlySpan<float> input, Span<float> output) => throw new NotImplementedException();

    /// <summary>Converts a piece of the stream.</summary>
    /// <param name="input">Mono int16 samples, any length.</param>
    /// <param name="output">Room for <see cref="OutputCount"/> samples; rounded to nearest, saturated.</param>
    /// <returns>Samples written, or <see cref="AudioError.BufferTooSmall"/>; then nothing was consumed.</returns>
    public int Process(ReadOnlySpan<short> input, Span<short> output) => throw new NotImplementedException();

    /// <summary>Forgets the stream so far.</summary>
    public void Reset() => throw new NotImplementedException();
}
