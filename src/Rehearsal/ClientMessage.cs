using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Bridge.Rehearsal;

/// <summary>A client's message as text that is safe to read: JSON, UTF-8, and no half surrogate in any string.</summary>
internal static class ClientMessage
{
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        if (!Utf8.IsValid(utf8.Span))
        {
            return false;
        }

        try
        {
            document = JsonDocument.Parse(utf8);
        }
        catch (JsonException)
        {
            return false;
        }

        // Only an escape can name half a surrogate pair, and reading it as text would throw.
        if (!HasSurrogateEscape(utf8.Span) || IsText(document.RootElement))
        {
            return true;
        }

        document.Dispose();
        document = null;
        return false;
    }

    private static bool HasSurrogateEscape(ReadOnlySpan<byte> utf8) =>
        utf8.IndexOf(@"\ud"u8) >= 0 || utf8.IndexOf(@"\uD"u8) >= 0;

    private static bool IsText(JsonElement element)
    {
        try
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    return element.GetString() is not null;
                case JsonValueKind.Array:
                    return element.EnumerateArray().All(IsText);
                case JsonValueKind.Object:
                    return element.EnumerateObject().All(p => p.Name is not null && IsText(p.Value));
                default:
                    return true;
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
