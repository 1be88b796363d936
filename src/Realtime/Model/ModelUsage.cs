namespace Bridge.Realtime.Model;

/// <summary>
/// Tokens of one response (or a sum of responses), per modality, from <c>response.done</c>.
/// Cached tokens are a subset of the input tokens, as the service counts them.
/// </summary>
public readonly record struct ModelUsage(
    int InputText, int InputAudio, int InputImage,
    int CachedText, int CachedAudio, int CachedImage,
    int OutputText, int OutputAudio)
{
    /// <summary>Seconds of user audio that were transcribed by a separate model billed by duration.</summary>
    public double TranscribedSeconds { get; init; }

    /// <summary>Tokens of user audio transcription billed by token (input and output together).</summary>
    public int TranscriptionTokens { get; init; }

    /// <summary>Seconds for which a session was open, where that is billed (full-duplex models).</summary>
    public double SessionSeconds { get; init; }

    /// <summary>All input tokens.</summary>
    public int Input => InputText + InputAudio + InputImage;

    /// <summary>All output tokens.</summary>
    public int Output => OutputText + OutputAudio;

    /// <summary>Adds modality by modality.</summary>
    public static ModelUsage operator +(ModelUsage a, ModelUsage b) => new(
        a.InputText + b.InputText, a.InputAudio + b.InputAudio, a.InputImage + b.InputImage,
        a.CachedText + b.CachedText, a.CachedAudio + b.CachedAudio, a.CachedImage + b.CachedImage,
        a.OutputText + b.OutputText, a.OutputAudio + b.OutputAudio)
    {
        TranscribedSeconds = a.TranscribedSeconds + b.TranscribedSeconds,
        TranscriptionTokens = a.TranscriptionTokens + b.TranscriptionTokens,
        SessionSeconds = a.SessionSeconds + b.SessionSeconds,
    };
}
