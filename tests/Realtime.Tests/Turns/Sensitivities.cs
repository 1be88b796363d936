using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Tests.Turns;

/// <summary>The interruption rules that roles choose from, least ready first.</summary>
internal static class Sensitivities
{
    public static VoiceInterruption? Off => null;

    public static VoiceInterruption Low { get; } = new() { SilencesAtOnce = false, SpeechLength = TimeSpan.FromMilliseconds(600) };

    public static VoiceInterruption Normal { get; } = new();

    public static VoiceInterruption High { get; } = new() { OnPageSpeech = true };

    public static VoiceInterruption Ignore { get; } = new() { IsDropped = true, SilencesAtOnce = false };

    public static VoiceInterruption?[] All { get; } = [Off, Low, Normal, High];
}
