using Bridge.Realtime.Model;

namespace Bridge.Money;

/// <summary>Tokens by kind; cached ones are part of the input.</summary>
internal sealed record UsageTokens(
    long InputText, long InputAudio, long InputImage, long Cached, long OutputText, long OutputAudio, long Transcription, double TranscribedSeconds)
{
    /// <summary>Seconds for which sessions of a full-duplex model were open.</summary>
    public double SessionSeconds { get; init; }

    public static UsageTokens None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    public UsageTokens With(ModelUsage usage) => new(
        InputText + usage.InputText,
        InputAudio + usage.InputAudio,
        InputImage + usage.InputImage,
        Cached + usage.CachedText + usage.CachedAudio + usage.CachedImage,
        OutputText + usage.OutputText,
        OutputAudio + usage.OutputAudio,
        Transcription + usage.TranscriptionTokens,
        TranscribedSeconds + usage.TranscribedSeconds)
    {
        SessionSeconds = SessionSeconds + usage.SessionSeconds,
    };
}
