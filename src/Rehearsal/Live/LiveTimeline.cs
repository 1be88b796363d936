namespace Bridge.Rehearsal.Live;

/// <summary>
/// The session's clock: input audio, cut into frames of 20 ms of 24 kHz. Nothing else moves it. Output comes in deltas of 100 ms,
/// transcripts and appends lie in cells of 200 ms.
/// </summary>
internal sealed class LiveTimeline
{
    public const int FrameMs = 20;
    public const int DeltaMs = 100;
    public const int CellMs = 200;
    public const int FrameSamples = 480;
    public const int DeltaSamples = 2400;

    private readonly short[] _frame = new short[FrameSamples];
    private int _filled;

    /// <summary>Milliseconds of input audio in whole frames since <c>session.started</c>.</summary>
    public long Position { get; private set; }

    /// <summary>Takes samples until a frame is whole; <paramref name="samples"/> is what is left of them.</summary>
    public bool TryFill(ref ReadOnlySpan<short> samples, out ReadOnlySpan<short> frame)
    {
        var taken = Math.Min(FrameSamples - _filled, samples.Length);
        samples[..taken].CopyTo(_frame.AsSpan(_filled));
        samples = samples[taken..];
        _filled += taken;
        frame = _frame;
        if (_filled < FrameSamples)
        {
            return false;
        }

        _filled = 0;
        Position += FrameMs;
        return true;
    }

    /// <summary>Start of the first cell that ends <paramref name="milliseconds"/> from now or later.</summary>
    public long CellIn(long milliseconds) => (Position + milliseconds - DeltaMs + CellMs - 1) / CellMs * CellMs;
}
