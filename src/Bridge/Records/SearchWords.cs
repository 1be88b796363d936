using System.Globalization;
using System.Text;

namespace Bridge.Records;

/// <summary>
/// The words of a text as both databases index and look for them: lower case, without accents, letters and digits alone. A
/// character of a script that writes no spaces is a word of its own.
/// </summary>
internal static class SearchWords
{
    /// <summary>Most words of a search.</summary>
    public const int MaxWords = 8;

    /// <summary>Longest word that is distinguished.</summary>
    public const int MaxLength = 64;

    /// <summary>The words of a text, divided by spaces; empty when it has none.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        var length = 0;
        foreach (var rune in Decomposed(text).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            if (!Rune.IsLetterOrDigit(rune) || length >= MaxLength)
            {
                length = Part(folded);
            }

            if (Rune.IsLetterOrDigit(rune))
            {
                var alone = WritesNoSpaces(rune);
                if (alone)
                {
                    Part(folded);
                }

                folded.Append(Rune.ToLowerInvariant(rune));
                length = alone ? Part(folded) : length + 1;
            }
        }

        return folded.ToString().TrimEnd();
    }

    /// <summary>The words that are looked for, each once; at most <see cref="MaxWords"/>.</summary>
    public static IReadOnlyList<string> Sought(string text) =>
        [.. Fold(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Take(MaxWords)];

    private static int Part(StringBuilder folded)
    {
        if (folded.Length > 0 && folded[^1] != ' ')
        {
            folded.Append(' ');
        }

        return 0;
    }

    private static string Decomposed(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKD);
        }
        catch (ArgumentException)
        {
            return text; // half a surrogate pair
        }
    }

    // Han, kana, Thai, Lao, Khmer, Myanmar.
    private static bool WritesNoSpaces(Rune rune) => rune.Value is
        (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0x20000 and <= 0x3FFFF)
        or (>= 0x0E00 and <= 0x0EFF) or (>= 0x1780 and <= 0x17FF) or (>= 0x1000 and <= 0x109F);
}
