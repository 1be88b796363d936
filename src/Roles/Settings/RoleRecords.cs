using System.Globalization;

namespace Bridge.Roles.Settings;

/// <summary>The <c>records:</c> part of a role: what is kept of its calls. The host may keep less.</summary>
public sealed record RoleRecords
{
    private const long MaxHours = 876_000;

    /// <summary>How long; null for as long as the host does.</summary>
    public TimeSpan? Keep { get; init; }

    /// <summary>How much of the words.</summary>
    public TranscriptPolicy Transcript { get; init; }

    /// <summary>The form in which its sound is kept. A voice holds the words: nothing is kept of it, unless every word is.</summary>
    public AudioPolicy Audio { get; init; }

    /// <summary>Reads a time of days or hours, such as <c>30d</c> or <c>12h</c>: an hour to a hundred years.</summary>
    public static bool TryKeep(string text, out TimeSpan keep)
    {
        ArgumentNullException.ThrowIfNull(text);
        keep = default;
        if (text.Length is < 2 or > 7
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var hours = text[^1] switch { 'd' => count * 24L, 'h' => count, _ => 0L };
        if (hours is 0 or > MaxHours)
        {
            return false;
        }

        keep = TimeSpan.FromHours(hours);
        return true;
    }
}
