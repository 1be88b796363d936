namespace Bridge.Benchmarks.Peers;

/// <summary>A streaming resampler under measurement: float in, float out, in whatever pieces.</summary>
public interface IStreamResampler : IDisposable
{
    /// <summary>Converts a piece; writes what it has and tells how much.</summary>
    int Process(ReadOnlySpan<float> input, Span<float> output);
}
