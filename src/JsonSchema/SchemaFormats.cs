using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bridge.JsonSchema;

/// <summary>The formats that are checked (JSON Schema validation §7.3); every other one is an annotation.</summary>
internal static class SchemaFormats
{
    public static bool Has(string format, string text) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date-time" => text.Length > 18 && text[10] is 'T' or 't' && IsTime(text),
        "time" => text.Length >= 8 && text[2] == ':' && IsTime("2000-01-01T" + text),
        "email" => text.Length <= 254 && text.IndexOf('@') is > 0 and var sign && sign < text.Length - 1 && !text.Any(char.IsWhiteSpace),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "ipv4" => IPAddress.TryParse(text, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6,
        _ => true,
    };

    private static bool IsTime(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
