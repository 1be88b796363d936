namespace Bridge.Audio;

/// <summary>
/// Tells speech from background by energy: the level of 10 ms blocks against a noise floor that follows the quietest of
/// the recent ones. Enough for a rehearsal and a meter; the real model has its own ears.
/// </summary>
/// <remarks>One stream, one owner. Its only clock is the count of samples.</remarks>
public sealed class VoiceActivityDetector
{
    /// <summary>Makes a detector.</summary>
    /// <param name="sampleRate">Rate of the audio in Hz.</param>
    /// <param name="options">Thresholds and times; defaults when left out.</param>
    public VoiceActivityDetector(int sampleRate = 24000, VoiceActivityOptions? options = null) => throw new NotImplementedException();

    /// <summary>Whether the stream is within speech, hangover included.</summary>
    public bool IsSpeech => throw new NotImplementedException();

    /// <summary>Level of background noise as estimated, dBFS.</summary>
    public float NoiseFloor => throw new NotImplementedException();

    /// <summary>Takes audio in.</summary>
    /// <param name="pcm">Mono int16 samples, any length.</param>
    /// <returns>How likely the last block is to be speech by its energy alone, 0 to 1: 0 at the noise floor, 1 at twice the threshold above it.</returns>
    public float Process(ReadOnlySpan<short> pcm) => throw new NotImplementedException();

    /// <summary>Forgets the stream so far.</summary>
    public void Reset() => throw new NotImplementedException();
}
