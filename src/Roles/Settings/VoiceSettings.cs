namespace Bridge.Roles.Settings;

/// <summary>The <c>voice:</c> part of a role.</summary>
public sealed record VoiceSettings
{
    /// <summary>The voices that the service ships; OpenAI Realtime, GA, <c>VoiceIdsShared</c>.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } =
        ["alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"];

    /// <summary>The voices of full-duplex models alone; OpenAI, <c>session.audio.output.voice</c> of <c>/v1/live/sessions</c>.</summary>
    public static IReadOnlyList<string> Live { get; } =
        ["beacon", "bossa", "cinder", "delta", "gleam", "meridian", "quartz", "ripple", "shida", "stone", "tempo", "vesper", "willow"];

    /// <summary>Every voice: <see cref="BuiltIn"/>, which all models have, then <see cref="Live"/>.</summary>
    public static IReadOnlyList<string> All { get; } = [.. BuiltIn, .. Live];

    /// <summary>One of <see cref="All"/>.</summary>
    public string Name { get; init; } = "marin";

    /// <summary>Id of a custom voice (<c>voice_...</c>), used instead of <see cref="Name"/>; null for a built-in voice.</summary>
    public string? Id { get; init; }

    /// <summary>Pace, 0.25..1.5 of normal.</summary>
    public double Speed { get; init; } = 1.0;
}
