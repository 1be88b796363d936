using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Bridge.Roles.Templates;

/// <summary>Finds a caller's time zone by its name in the IANA database, such as <c>Europe/Berlin</c>.</summary>
internal static partial class TimeZoneName
{
    private const int MaxLength = 64;

    /// <summary>
    /// False for a name that the system does not know, and for any other spelling of one that it does: .NET opens a file of that
    /// path and keeps what it found for good, once for each of <c>Europe/Berlin</c>, <c>Europe//Berlin</c>, <c>./Europe/Berlin</c>.
    /// </summary>
    public static bool TryFind(string? name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = null;
        return name is { Length: > 0 and <= MaxLength } && Plain().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,3}\z")]
    private static partial Regex Plain();
}
