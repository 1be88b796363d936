using System.Runtime.InteropServices;

namespace Bridge.Benchmarks.Peers;

/// <summary>speexdsp's resampler, by its C interface (speex_resampler.h).</summary>
internal sealed unsafe partial class SpeexResampler : IStreamResampler
{
    private const string Library = "libspeexdsp.so.1";
    private nint _state;

    internal SpeexResampler(int from, int to, int quality) => _state = Init(1, (uint)from, (uint)to, quality, out _);

    internal static bool IsInstalled => NativeLibrary.TryLoad(Library, out _);

    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        uint read = (uint)input.Length;
        uint written = (uint)output.Length;
        fixed (float* source = input)
        {
            fixed (float* target = output)
            {
                _ = ProcessFloat(_state, 0, source, ref read, target, ref written);
            }
        }

        return (int)written;
    }

    public void Dispose()
    {
        Destroy(_state);
        _state = 0;
    }

    [LibraryImport(Library, EntryPoint = "speex_resampler_init")]
    private static partial nint Init(uint channels, uint from, uint to, int quality, out int error);

    [LibraryImport(Library, EntryPoint = "speex_resampler_process_float")]
    private static partial int ProcessFloat(
        nint state, uint channel, float* input, ref uint inputLength, float* output, ref uint outputLength);

    [LibraryImport(Library, EntryPoint = "speex_resampler_destroy")]
    private static partial void Destroy(nint state);
}
