using System.Globalization;
using System.Text;

namespace Bridge.Tools;

/// <summary>
/// Half a surrogate pair in a JSON text, as models write that cut an emoji in two. RFC 8259 section 8.2 permits the escape, and no string
/// can be made of it.
/// </summary>
internal static class SurrogateEscapes
{
    private const int Length = 6; // of \uXXXX

    /// <summary>The same text with U+FFFD in place of each half; the same object when there is none.</summary>
    public static string Mend(string json)
    {
        StringBuilder? mended = null;
        var copied = 0;
        for (var i = json.IndexOf('\\', StringComparison.Ordinal); i >= 0 && i + 1 < json.Length; i = json.IndexOf('\\', i))
        {
            var unit = UnitAt(json, i);
            if (unit is not { } half || !char.IsSurrogate(half))
            {
                i += unit is null ? 2 : Length;
            }
            else if (char.IsHighSurrogate(half) && UnitAt(json, i + Length) is { } second && char.IsLowSurrogate(second))
            {
                i += 2 * Length;
            }
            else
            {
                (mended ??= new StringBuilder(json.Length)).Append(json, copied, i - copied).Append("\\ufffd");
                copied = i += Length;
            }
        }

        return mended?.Append(json, copied, json.Length - copied).ToString() ?? json;
    }

    private static char? UnitAt(string json, int at) =>
        at + Length <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
            && ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
                ? (char)unit
                : null;
}
