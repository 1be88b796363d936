namespace Bridge.Audio;

/// <summary>
/// Tells speech from background by energy: the level of 10 ms blocks against a noise floor that follows the quietest of
/// the recent ones. Enough for a rehearsal and a meter; the real model has its own ears.
/// </summary>
/// <remarks>One stream, one owner. Its only clock is the count of samples.</remarks>
public sealed class VoiceActivityDetector
{
    private const float FloorRisePerBlock = 0.03f; // dB per 10 ms: 3 dB a second
    private const float FloorFall = 0.3f; // share of the way down per block
    private const float HighestFloor = -35; // loud steady noise above this counts as speech rather than deafen the detector

    private readonly VoiceActivityOptions _options;
    private readonly short[] _block;
    private readonly int _attack;
    private readonly int _hangover;
    private int _filled;
    private int _loud;
    private int _quiet;
    private float _likelihood;

    /// <summary>Makes a detector.</summary>
    /// <param name="sampleRate">Rate of the audio in Hz.</param>
    /// <param name="options">Thresholds and times; defaults when left out.</param>
    public VoiceActivityDetector(int sampleRate = 24000, VoiceActivityOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 8000);
        _options = options ?? new VoiceActivityOptions();
        _block = new short[sampleRate / 100];
        _attack = Math.Max(1, (int)(_options.Attack.TotalMilliseconds / 10));
        _hangover = Math.Max(1, (int)(_options.Hangover.TotalMilliseconds / 10));
        Reset();
    }

    /// <summary>Whether the stream is within speech, hangover included.</summary>
    public bool IsSpeech { get; private set; }

    /// <summary>Level of background noise as estimated, dBFS.</summary>
    public float NoiseFloor { get; private set; }

    /// <summary>Takes audio in.</summary>
    /// <param name="pcm">Mono int16 samples, any length.</param>
    /// <returns>How likely the last block is to be speech by its energy alone, 0 to 1: 0 at the noise floor, 1 at twice the threshold above it.</returns>
    public float Process(ReadOnlySpan<short> pcm)
    {
        while (!pcm.IsEmpty)
        {
            int count = Math.Min(pcm.Length, _block.Length - _filled);
            pcm[..count].CopyTo(_block.AsSpan(_filled));
            _filled += count;
            pcm = pcm[count..];
            if (_filled == _block.Length)
            {
                _filled = 0;
                Decide(LevelMeter.Measure(_block));
            }
        }

        return _likelihood;
    }

    /// <summary>Forgets the stream so far.</summary>
    public void Reset()
    {
        NoiseFloor = -60;
        IsSpeech = false;
        _filled = _loud = _quiet = 0;
        _likelihood = 0;
    }

    private void Decide(float level)
    {
        bool loud = level > Math.Max(NoiseFloor + _options.ThresholdDb, _options.QuietestSpeech);
        _likelihood = loud || level > _options.QuietestSpeech
            ? Math.Clamp((level - NoiseFloor) / (2 * _options.ThresholdDb), 0, 1)
            : 0;
        NoiseFloor = level < NoiseFloor
            ? Math.Max(-90, NoiseFloor + ((level - NoiseFloor) * FloorFall))
            : Math.Min(Math.Min(level, HighestFloor), NoiseFloor + FloorRisePerBlock);
        _loud = loud ? _loud + 1 : 0;
        _quiet = loud ? 0 : _quiet + 1;
        IsSpeech = IsSpeech ? _quiet < _hangover : _loud >= _attack;
    }
}
