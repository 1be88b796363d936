using System.Diagnostics.CodeAnalysis;

namespace Bridge.Rehearsal;

/// <summary>
/// Speaks each line once: a script says the same lines again and again, and many calls may begin with the same greeting
/// at the same moment. When the voice fails the synthetic one speaks, and the failure is counted.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asks for holds nothing to release.")]
internal sealed class SpeechCache(SpeechVoice voice)
{
    // Ten minutes of speech, 29 MB.
    private const int MaxSamples = 24_000 * 600;
    private readonly Dictionary<(string Text, string Voice, double Speed), Task<ReadOnlyMemory<short>>> _lines = [];
    private readonly SemaphoreSlim _turn = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Lock _lock = new();
    private int _samples;
    private int _failures;

    public int Failures => Volatile.Read(ref _failures);

    public Task<ReadOnlyMemory<short>> SpeakAsync(string text, string name, double speed, CancellationToken token)
    {
        Task<ReadOnlyMemory<short>>? line;
        lock (_lock)
        {
            if (!_lines.TryGetValue((text, name, speed), out line))
            {
                // Shared by all that ask, so no single session's end may cancel it; a line takes well under a second.
                line = Task.Run(() => SpeakOnceAsync(text, name, speed), CancellationToken.None);
                _lines.Add((text, name, speed), line);
            }
        }

        return line.WaitAsync(token);
    }

    private async Task<ReadOnlyMemory<short>> SpeakOnceAsync(string text, string name, double speed)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var pcm = await voice(text, name, speed, CancellationToken.None).ConfigureAwait(false);
            Count(pcm.Length);
            return pcm;
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _failures);
            Forget((text, name, speed));
            return SyntheticVoice.Speak(text, name, speed);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Count(int samples)
    {
        lock (_lock)
        {
            _samples += samples;
            if (_samples > MaxSamples)
            {
                _lines.Clear();
                _samples = samples;
            }
        }
    }

    private void Forget((string, string, double) line)
    {
        lock (_lock)
        {
            _lines.Remove(line);
        }
    }
}
