using System.Runtime.InteropServices;

namespace Bridge.Benchmarks.Peers;

/// <summary>libsamplerate (Secret Rabbit Code), by its C interface (samplerate.h).</summary>
internal sealed unsafe partial class SampleRateResampler : IStreamResampler
{
    internal const int Fastest = 2;

    private const string Library = "libsamplerate.so.0";
    private readonly double _ratio;
    private nint _state;

    internal SampleRateResampler(int from, int to, int type)
    {
        _state = New(type, 1, out _);
        _ratio = (double)to / from;
    }

    internal static bool IsInstalled => NativeLibrary.TryLoad(Library, out _);

    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        fixed (float* source = input)
        {
            fixed (float* target = output)
            {
                var data = new Data
                {
                    Input = source,
                    Output = target,
                    InputFrames = new CLong(input.Length),
                    OutputFrames = new CLong(output.Length),
                    Ratio = _ratio,
                };
                _ = ProcessData(_state, &data);
                return (int)data.OutputGenerated.Value;
            }
        }
    }

    public void Dispose()
    {
        Delete(_state);
        _state = 0;
    }

    [LibraryImport(Library, EntryPoint = "src_new")]
    private static partial nint New(int type, int channels, out int error);

    [LibraryImport(Library, EntryPoint = "src_process")]
    private static partial int ProcessData(nint state, Data* data);

    [LibraryImport(Library, EntryPoint = "src_delete")]
    private static partial nint Delete(nint state);

    [StructLayout(LayoutKind.Sequential)]
    private struct Data
    {
        public float* Input;
        public float* Output;
        public CLong InputFrames;
        public CLong OutputFrames;
        public CLong InputUsed;
        public CLong OutputGenerated;
        public int EndOfInput;
        public double Ratio;
    }
}
