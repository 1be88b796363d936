using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.Intrinsics;
using Bridge.Audio.Codecs;

namespace Bridge.Audio.Resampling;

/// <summary>
/// Streaming conversion between sample rates by polyphase filter banks. The output does not depend on how the input
/// is cut into pieces, and its count is exact from the first call: after n input samples, ⌊n·out/in⌋ have come out.
/// </summary>
/// <remarks>One stream, one owner. Allocates nothing after construction. Samples that are not finite count as silence.</remarks>
public sealed class PolyphaseResampler
{
    private const int Chunk = 1024; // a frame of 20 ms at any rate goes through in one piece

    private readonly RateConverter? _converter; // null: the rates are equal
    private readonly int _up;
    private readonly int _down;
    private readonly float[] _floatIn = new float[Chunk];
    private readonly float[] _floatOut;
    private long _taken; // input samples so far, modulo _down: all that the count depends on

    /// <summary>Makes a converter.</summary>
    /// <param name="inputRate">Hz, one of <see cref="SupportedRates"/>.</param>
    /// <param name="outputRate">Hz, one of <see cref="SupportedRates"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    public PolyphaseResampler(int inputRate, int outputRate)
        : this(inputRate, outputRate, VectorWidths.Best)
    {
    }

    internal PolyphaseResampler(int inputRate, int outputRate, VectorWidth width)
    {
        if (!SupportedRates.Contains(inputRate))
        {
            throw new ArgumentOutOfRangeException(nameof(inputRate), inputRate, "Not a supported sample rate.");
        }

        if (!SupportedRates.Contains(outputRate))
        {
            throw new ArgumentOutOfRangeException(nameof(outputRate), outputRate, "Not a supported sample rate.");
        }

        InputRate = inputRate;
        OutputRate = outputRate;
        int divisor = (int)BigInteger.GreatestCommonDivisor(inputRate, outputRate);
        _up = outputRate / divisor;
        _down = inputRate / divisor;
        _floatOut = new float[(Chunk * _up / _down) + 1];
        _converter = width switch
        {
            VectorWidth.Sixteen => Convert<Lanes512, Vector512<float>>(_up, _down),
            VectorWidth.Eight => Convert<Lanes256, Vector256<float>>(_up, _down),
            VectorWidth.Four => Convert<Lanes128, Vector128<float>>(_up, _down),
            _ => Convert<ScalarLanes, float>(_up, _down),
        };
    }

    /// <summary>8, 16, 22.05, 24, 44.1 and 48 kHz.</summary>
    public static IReadOnlyList<int> SupportedRates { get; } = [8000, 16000, 22050, 24000, 44100, 48000];

    /// <summary>Rate of the input in Hz.</summary>
    public int InputRate { get; }

    /// <summary>Rate of the output in Hz.</summary>
    public int OutputRate { get; }

    /// <summary>How far the output lags behind the input: half the filter's length.</summary>
    public TimeSpan Delay => TimeSpan.FromSeconds((_converter?.Delay ?? 0) / InputRate);

    /// <summary>Makes a converter, or says no to a rate that is not supported.</summary>
    /// <param name="inputRate">Hz.</param>
    /// <param name="outputRate">Hz.</param>
    /// <param name="resampler">The converter.</param>
    /// <returns><see langword="false"/> for a rate that is not in <see cref="SupportedRates"/>.</returns>
    public static bool TryCreate(int inputRate, int outputRate, [NotNullWhen(true)] out PolyphaseResampler? resampler)
    {
        bool supported = SupportedRates.Contains(inputRate) && SupportedRates.Contains(outputRate);
        resampler = supported ? new PolyphaseResampler(inputRate, outputRate) : null;
        return supported;
    }

    /// <summary>Tells how many samples the next call will write.</summary>
    /// <param name="inputCount">Samples that will be given to it.</param>
    /// <returns>The exact count.</returns>
    public int OutputCount(int inputCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inputCount);
        return (int)(((_taken + inputCount) * _up / _down) - (_taken * _up / _down));
    }

    /// <summary>Converts a piece of the stream.</summary>
    /// <param name="input">Mono float samples, any length.</param>
    /// <param name="output">Room for <see cref="OutputCount"/> samples.</param>
    /// <returns>Samples written, or <see cref="AudioError.BufferTooSmall"/>; then nothing was consumed.</returns>
    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        int count = OutputCount(input.Length);
        if (output.Length < count)
        {
            return (int)AudioError.BufferTooSmall;
        }

        _taken = (_taken + input.Length) % _down;
        if (_converter is null)
        {
            for (int i = 0; i < input.Length; i++)
            {
                output[i] = ScalarLanes.Sane(input[i]);
            }

            return count;
        }

        return _converter.Process(input, output);
    }

    /// <summary>Converts a piece of the stream.</summary>
    /// <param name="input">Mono int16 samples, any length.</param>
    /// <param name="output">Room for <see cref="OutputCount"/> samples; rounded to nearest, saturated.</param>
    /// <returns>Samples written, or <see cref="AudioError.BufferTooSmall"/>; then nothing was consumed.</returns>
    public int Process(ReadOnlySpan<short> input, Span<short> output)
    {
        int count = OutputCount(input.Length);
        if (output.Length < count)
        {
            return (int)AudioError.BufferTooSmall;
        }

        _taken = (_taken + input.Length) % _down;
        if (_converter is null)
        {
            input.CopyTo(output);
            return count;
        }

        int written = 0;
        while (!input.IsEmpty)
        {
            int length = Math.Min(Chunk, input.Length);
            SampleFormat.ToFloat(input[..length], _floatIn);
            int made = _converter.ProcessBlock(_floatIn.AsSpan(0, length), _floatOut);
            SampleFormat.ToInt16(_floatOut.AsSpan(0, made), output[written..]);
            written += made;
            input = input[length..];
        }

        return written;
    }

    /// <summary>Forgets the stream so far.</summary>
    public void Reset()
    {
        _taken = 0;
        _converter?.Reset();
    }

    private static RateConverter? Convert<TLanes, TVector>(int up, int down)
        where TLanes : struct, IVectorLanes<TVector>
        where TVector : struct => (up, down) switch
        {
            (1, 1) => null,
            (1, 2) => new HalvingConverter<TLanes, TVector>(),
            (2, 1) => new DoublingConverter<TLanes, TVector>(),
            _ => new RationalConverter<TLanes, TVector>(ResamplerBank.For(up, down)),
        };
}
