using System.Buffers;

namespace Bridge.Cli;

/// <summary>Names that every system can check out: Windows refuses some that others allow.</summary>
internal static class PortableName
{
    private static readonly SearchValues<char> Refused = SearchValues.Create("<>:\"/\\|?*");

    private static readonly HashSet<string> Devices = new(
        [
            "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
            .. Enumerable.Range(0, 10).SelectMany(number => new[] { $"COM{number}", $"LPT{number}" }),
            .. "¹²³".SelectMany(number => new[] { $"COM{number}", $"LPT{number}" }),
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Why Windows can't have a file or folder of this name; null when it can.</summary>
    public static string? Objection(string name)
    {
        if (name.AsSpan().IndexOfAny(Refused) is var at and >= 0)
        {
            return $"Windows allows no {name[at]} in a name";
        }

        if (name.Any(char.IsControl))
        {
            return "Windows allows no control characters in a name";
        }

        if (name.EndsWith('.') || name.EndsWith(' '))
        {
            return "Windows drops a dot or blank at the end of a name";
        }

        var stem = name.Split('.')[0].TrimEnd();
        return Devices.Contains(stem) ? $"{stem} is a device on Windows" : null;
    }
}
