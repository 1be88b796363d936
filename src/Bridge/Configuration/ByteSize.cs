using System.Globalization;

namespace Bridge.Configuration;

/// <summary>
/// Sizes as operators write them: <c>512MB</c>, <c>1.5 GB</c>, <c>64m</c>, or bytes; a unit is a power of 1,024, as Docker counts.
/// </summary>
internal static class ByteSize
{
    /// <summary>False when the text is no size of at least one byte.</summary>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        var digits = (text ?? "").Trim();
        var end = digits.Length;
        while (end > 0 && !char.IsAsciiDigit(digits[end - 1]))
        {
            end--;
        }

        var shift = digits[end..].Trim().ToUpperInvariant() switch
        {
            "" or "B" => 0,
            "K" or "KB" or "KIB" => 10,
            "M" or "MB" or "MIB" => 20,
            "G" or "GB" or "GIB" => 30,
            _ => -1,
        };
        if (shift < 0 || !decimal.TryParse(digits[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number > long.MaxValue >> shift)
        {
            return false;
        }

        bytes = (long)(number * (1L << shift));
        return bytes > 0;
    }
}
