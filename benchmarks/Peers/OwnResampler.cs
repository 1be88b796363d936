using Bridge.Audio.Resampling;


namespace Bridge.Benchmarks.Peers;

internal sealed class OwnResampler(int from, int to, VectorWidth width) : IStreamResampler
{
    private readonly PolyphaseResampler _resampler = new(from, to, width);

    public int Process(ReadOnlySpan<float> input, Span<float> output) => _resampler.Process(input, output);

    public void Dispose()
    {
        // Nothing native is held.
    }
}
