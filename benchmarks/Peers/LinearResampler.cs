namespace Bridge.Benchmarks.Peers;

/// <summary>Linear interpolation: what a bridge written in an afternoon does. Here to show what it costs in aliases.</summary>
internal sealed class LinearResampler(int from, int to) : IStreamResampler
{
    private readonly double _step = (double)from / to;
    private double _at;
    private float _last;

    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        int written = 0;
        while (_at < input.Length)
        {
            int i = (int)_at;
            float before = i == 0 ? _last : input[i - 1];
            output[written++] = before + ((input[i] - before) * (float)(_at - i));
            _at += _step;
        }

        _at -= input.Length;
        _last = input[^1];
        return written;
    }

    public void Dispose()
    {
        // Nothing native is held.
    }
}
