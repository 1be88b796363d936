using System.Text.RegularExpressions;

namespace Bridge.Roles.Settings;

/// <summary>The rule for answers that are kept from being heard, and the line in their place.</summary>
public sealed record GuardSettings
{
    /// <summary>An answer whose words match one of them is blocked. They run in linear time.</summary>
    public IReadOnlyList<Regex> Patterns { get; init; } = [];

    /// <summary>Asked for each sentence before it is heard; null: nobody is asked.</summary>
    public HttpToolSettings? Hook { get; init; }

    /// <summary>How long the web hook may take.</summary>
    public TimeSpan HookTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>True: an answer that the web hook did not judge is heard all the same.</summary>
    public bool AllowUnjudged { get; init; }

    /// <summary>Said in place of an answer that was blocked.</summary>
    public required string Say { get; init; }

    /// <summary>The expression of a pattern; null when it is none that runs in linear time.</summary>
    internal static Regex? TryPattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
