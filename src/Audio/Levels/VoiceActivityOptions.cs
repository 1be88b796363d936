namespace Bridge.Audio;

/// <summary>Settings of a <see cref="VoiceActivityDetector"/>.</summary>
public sealed record VoiceActivityOptions
{
    /// <summary>How far above the noise floor speech has to be, dB.</summary>
    public float ThresholdDb { get; init; } = 10;

    /// <summary>Nothing below this is speech, dBFS.</summary>
    public float QuietestSpeech { get; init; } = -50;

    /// <summary>Sound has to last this long to count as speech: shorter ones are clicks.</summary>
    public TimeSpan Attack { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Speech goes on until it has been quiet for this long: pauses within a sentence are shorter.</summary>
    public TimeSpan Hangover { get; init; } = TimeSpan.FromMilliseconds(300);
}
