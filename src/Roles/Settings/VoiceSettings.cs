namespace Bridge.Roles.Settings;

/// <summary>The <c>voice:</c> part of a role.</summary>
public sealed record VoiceSettings
{
    /// <summary>The voices that the service ships; OpenAI Realtime, GA, <c>VoiceIdsShared</c>.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } =
        ["alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"];

    /// <summary>One of <see cref="BuiltIn"/>.</summary>
    public string Name { get; init; } = "marin";

    /// <summary>Id of a custom voice (<c>voice_...</c>), used instead of <see cref="Name"/>; null for a built-in voice.</summary>
    public string? Id { get; init; }

    /// <summary>Pace, 0.25..1.5 of normal.</summary>
    public double Speed { get; init; } = 1.0;
}
