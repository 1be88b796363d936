namespace Bridge.Roles.Settings;

/// <summary>How the caller's speech is transcribed for the page; the model itself hears the audio.</summary>
public sealed record TranscriptionSettings
{
    /// <summary>The transcription model's name; null: the provider's default, or that of a server which people host themselves.</summary>
    public string? Model { get; init; }

    /// <summary>ISO 639-1 code; null lets the service detect it.</summary>
    public string? Language { get; init; }

    /// <summary>Words that help the transcription, such as names and dishes; null for none.</summary>
    public string? Prompt { get; init; }
}
