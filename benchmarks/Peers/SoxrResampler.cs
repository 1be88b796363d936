using System.Runtime.InteropServices;

namespace Bridge.Benchmarks.Peers;

/// <summary>libsoxr's streaming resampler, by its C interface (soxr.h).</summary>
internal sealed unsafe partial class SoxrResampler : IStreamResampler
{
    internal const uint MediumQuality = 2;
    internal const uint HighQuality = 4;
    internal const uint VeryHighQuality = 6;

    private const string Library = "libsoxr.so.0";
    private nint _state;

    internal SoxrResampler(int from, int to, uint recipe)
    {
        QualitySpec quality = Quality(new CULong(recipe), new CULong(0));
        _state = Create(from, to, 1, out _, 0, &quality, 0);
    }

    internal static bool IsInstalled => NativeLibrary.TryLoad(Library, out _);

    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        fixed (float* source = input)
        {
            fixed (float* target = output)
            {
                _ = ProcessFloat(_state, source, (nuint)input.Length, out _, target, (nuint)output.Length, out nuint written);
                return (int)written;
            }
        }
    }

    public void Dispose()
    {
        Delete(_state);
        _state = 0;
    }

    [LibraryImport(Library, EntryPoint = "soxr_quality_spec")]
    private static partial QualitySpec Quality(CULong recipe, CULong flags);

    [LibraryImport(Library, EntryPoint = "soxr_create")]
    private static partial nint Create(
        double from, double to, uint channels, out nint error, nint ioSpec, QualitySpec* quality, nint runtimeSpec);

    [LibraryImport(Library, EntryPoint = "soxr_process")]
    private static partial nint ProcessFloat(
        nint state, float* input, nuint inputLength, out nuint read, float* output, nuint outputLength, out nuint written);

    [LibraryImport(Library, EntryPoint = "soxr_delete")]
    private static partial void Delete(nint state);

    [StructLayout(LayoutKind.Sequential)]
    private struct QualitySpec
    {
        public double Precision;
        public double PhaseResponse;
        public double PassbandEnd;
        public double StopbandBegin;
        public nint Extra;
        public CULong Flags;
    }
}
