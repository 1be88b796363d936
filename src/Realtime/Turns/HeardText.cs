using System.Globalization;
using System.Text;

namespace Bridge.Realtime.Turns;

/// <summary>
/// Which words of a transcript fall within the audio that was heard. The protocol gives no word times, so the audio's
/// length is spread over the text by how long each character takes to say: letters alike, digits longer, pauses at
/// punctuation. The cut never falls inside a word, and a word counts only when it was heard to its end.
/// </summary>
public static class HeardText
{
    /// <summary>Speaking rate assumed before any sentence was finished, weight units per millisecond (about 15 letters a second).</summary>
    public const double TypicalRate = 0.0165;

    /// <summary>Length of <paramref name="text"/>, in weight units.</summary>
    public static double Weigh(ReadOnlySpan<char> text)
    {
        double sum = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            sum += Weight(rune);
        }

        return sum;
    }

    /// <summary>
    /// Characters of <paramref name="text"/> heard after <paramref name="heardMs"/>.
    /// </summary>
    /// <param name="text">The transcript so far.</param>
    /// <param name="heardMs">Milliseconds heard.</param>
    /// <param name="generatedMs">Milliseconds of audio that belong to the text so far.</param>
    /// <param name="complete">True when both text and audio are complete, so that their ends coincide.</param>
    /// <param name="rate">Weight units per millisecond of this voice, for text whose audio is not complete.</param>
    public static int Prefix(ReadOnlySpan<char> text, int heardMs, int generatedMs, bool complete, double rate)
    {
        if (heardMs <= 0 || text.IsEmpty)
        {
            return 0;
        }

        if (complete && heardMs >= generatedMs)
        {
            return text.Length;
        }

        var total = Weigh(text);
        var budget = generatedMs > 0 ? total * heardMs / generatedMs : 0;
        if (!complete)
        {
            // The transcript runs ahead of the audio by an unknown stretch: the share heard of it is an upper bound.
            budget = Math.Min(budget, heardMs * rate);
        }

        var spent = 0.0;
        var at = 0;
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            // A tolerance of half a letter: rounding must not cost the last word of a pause.
            if (IsBreak(rune) && spent <= budget + 0.5)
            {
                end = at;
            }

            spent += Weight(rune);
            at += rune.Utf16SequenceLength;
            if (spent > budget + 0.5)
            {
                return KeepPunctuation(text, end);
            }

            if (StandsAlone(rune))
            {
                end = at;
            }
        }

        return text.Length;
    }

    private static int KeepPunctuation(ReadOnlySpan<char> text, int end)
    {
        while (end > 0 && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return end;
    }

    private static bool IsBreak(Rune rune) => Rune.IsWhiteSpace(rune) || rune.Value is '-' or '—' or '–' or '/';

    // Scripts without spaces: each character is a cut.
    private static bool StandsAlone(Rune rune) =>
        rune.Value is >= 0x2E80 and < 0xA000 or >= 0xAC00 and < 0xD7B0 or >= 0xF900 and < 0xFB00 or >= 0x20000 and < 0x30000;

    private static double Weight(Rune rune)
    {
        if (Rune.IsWhiteSpace(rune))
        {
            return 0.6;
        }

        if (Rune.IsDigit(rune))
        {
            return 3.5;
        }

        if (StandsAlone(rune))
        {
            return 3;
        }

        return rune.Value switch
        {
            '.' or '!' or '?' or '…' or '。' or '！' or '？' => 5,
            ',' or ';' or ':' or '—' or '–' => 3,
            '\n' => 4,
            _ => Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.NonSpacingMark or UnicodeCategory.Format => 0,
                UnicodeCategory.CurrencySymbol => 5,
                UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
                    or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation => 0.3,
                _ => 1,
            },
        };
    }
}
