namespace Bridge.Realtime.Rehearsal;

/// <summary>
/// Speaks each line once: a script says the same lines again and again. When the voice fails the synthetic one speaks,
/// and the failure is counted.
/// </summary>
internal sealed class SpeechCache(SpeechVoice voice)
{
    private const int MaxSamples = 24_000 * 600;
    private readonly Dictionary<(string, string, double), ReadOnlyMemory<short>> _lines = [];
    private readonly Lock _lock = new();
    private int _samples;
    private int _failures;

    public int Failures => Volatile.Read(ref _failures);

    public string? LastFailure { get; private set; }

    public async ValueTask<ReadOnlyMemory<short>> SpeakAsync(string text, string name, double speed, CancellationToken token)
    {
        lock (_lock)
        {
            if (_lines.TryGetValue((text, name, speed), out var known))
            {
                return known;
            }
        }

        ReadOnlyMemory<short> pcm;
        try
        {
            pcm = await voice(text, name, speed, token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Interlocked.Increment(ref _failures);
            LastFailure = exception.Message;
            return SyntheticVoice.Speak(text, name, speed);
        }

        lock (_lock)
        {
            if (_samples + pcm.Length > MaxSamples)
            {
                _lines.Clear();
                _samples = 0;
            }

            if (_lines.TryAdd((text, name, speed), pcm))
            {
                _samples += pcm.Length;
            }
        }

        return pcm;
    }
}
