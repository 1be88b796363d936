namespace Bridge.Realtime.Live;

/// <summary>
/// Keeps the timeline of a session going: microphone audio passes, and where none comes for a while (the page is away, the microphone
/// is closed) silence of the same length takes its place. Nothing is allocated per frame. May be used from any thread.
/// </summary>
internal sealed class SilenceFiller : IAsyncDisposable
{
    /// <summary>Takes audio; false when the session is over.</summary>
    public delegate bool Sink(ReadOnlySpan<short> pcm24k);

    private const int SamplesPerMillisecond = 24;
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(100);

    // Later than any packet of a connection that lives.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
    private readonly TimeProvider _time;
    private readonly Sink _sink;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly short[] _silence = new short[(int)Piece.TotalMilliseconds * SamplesPerMillisecond];
    private long _covered;
    private bool _runs;

    public SilenceFiller(TimeProvider time, Sink sink)
    {
        _time = time;
        _sink = sink;
        _timer = time.CreateTimer(filler => ((SilenceFiller)filler!).Fill(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The session's timeline begins.</summary>
    public void Start()
    {
        lock (_gate)
        {
            (_runs, _covered) = (true, _time.GetTimestamp());
        }

        _timer.Change(Piece, Piece);
    }

    /// <summary>Microphone audio.</summary>
    public bool TryAppend(ReadOnlySpan<short> pcm24k)
    {
        lock (_gate)
        {
            _covered = _time.GetTimestamp();
            return _sink(pcm24k);
        }
    }

    /// <summary>Nothing more is filled.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _runs = false;
        }

        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Stop();
        return _timer.DisposeAsync();
    }

    private void Fill()
    {
        lock (_gate)
        {
            // Once it has begun, silence follows the clock: no later audio shortens it.
            while (_runs && _time.GetElapsedTime(_covered) >= Patience)
            {
                _covered += (long)(Piece.TotalSeconds * _time.TimestampFrequency);
                _runs = _sink(_silence);
            }
        }
    }
}
