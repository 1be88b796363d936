using System.Text;

namespace Bridge.JsonSchema.Patterns;

/// <summary>
/// The alphabet that a pattern distinguishes: code points that stand in the same of its sets are one letter. Pattern and
/// text are written in it, one UTF-16 unit for each code point, so that .NET's matcher, which counts in units and grows
/// with the size of classes, is exact and quick also for scripts, emoji and properties of thousands of ranges.
/// </summary>
internal sealed class PatternAlphabet
{
    // Letters of \w are ideographs and all others private-use characters, so that .NET's \b is that of the pattern.
    private const char FirstWordLetter = '\u4E00';
    private const char FirstOtherLetter = '\uE000';
    private const int MaxLetters = 5_000;

    private readonly int[] _starts; // of runs of code points with the same letter; the first is 0
    private readonly char[] _letters; // one for each run

    private PatternAlphabet(int[] starts, char[] letters)
    {
        (_starts, _letters) = (starts, letters);
    }

    /// <summary>Null when the pattern distinguishes too many kinds of characters.</summary>
    public static PatternAlphabet? Of(IReadOnlyList<PatternPart> parts)
    {
        CodePointSet[] sets = [EcmaCharacters.WordCharacters, .. parts.Select(part => part.Set).OfType<CodePointSet>().Distinct()];
        var bounds = new SortedSet<int> { 0 };
        foreach (var (from, to) in sets.SelectMany(set => set.Ranges))
        {
            bounds.Add(from);
            bounds.Add(to + 1);
        }

        int[] starts = [.. bounds.Where(bound => bound <= CodePointSet.Last)];

        // Each set splits the kinds that it holds in part.
        var kinds = new int[starts.Length];
        var count = 1;
        foreach (var set in sets)
        {
            var split = new Dictionary<int, int>();
            foreach (var (from, to) in set.Ranges)
            {
                for (var run = Array.BinarySearch(starts, from); run < starts.Length && starts[run] <= to; run++)
                {
                    if (!split.TryGetValue(kinds[run], out var kind))
                    {
                        split.Add(kinds[run], kind = count++);
                    }

                    kinds[run] = kind;
                }
            }
        }

        return Spell(starts, kinds);
    }

    // Kinds that were split up entirely have no run any more, and need no letter.
    private static PatternAlphabet? Spell(int[] starts, int[] kinds)
    {
        var byKind = new Dictionary<int, char>();
        var (word, other) = (FirstWordLetter, FirstOtherLetter);
        var letters = new char[starts.Length];
        for (var run = 0; run < starts.Length; run++)
        {
            if (!byKind.TryGetValue(kinds[run], out letters[run]))
            {
                if (byKind.Count == MaxLetters)
                {
                    return null;
                }

                letters[run] = IsWord(starts[run]) ? word++ : other++;
                byKind.Add(kinds[run], letters[run]);
            }
        }

        return new PatternAlphabet(starts, letters);
    }

    /// <summary>Appends the letters of a set that the alphabet was made for.</summary>
    public void Append(StringBuilder pattern, CodePointSet set)
    {
        var letters = new SortedSet<char>();
        foreach (var (from, to) in set.Ranges)
        {
            for (var run = Array.BinarySearch(_starts, from); run < _starts.Length && _starts[run] <= to; run++)
            {
                letters.Add(_letters[run]);
            }
        }

        if (letters.Count == 0)
        {
            pattern.Append("(?!)");
            return;
        }

        pattern.Append('[');
        var (first, last) = ('\0', '\0');
        foreach (var letter in letters)
        {
            if (last != '\0' && letter == last + 1)
            {
                last = letter;
                continue;
            }

            AppendRun(pattern, first, last);
            (first, last) = (letter, letter);
        }

        AppendRun(pattern, first, last);
        pattern.Append(']');
    }

    /// <summary>Writes a text in the alphabet; <paramref name="letters"/> has room for as many units as the text.</summary>
    /// <returns>Number of letters, one for each code point.</returns>
    public int Write(string text, Span<char> letters)
    {
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var at = Array.BinarySearch(_starts, rune.Value);
            letters[count++] = _letters[at >= 0 ? at : ~at - 1];
        }

        return count;
    }

    private static void AppendRun(StringBuilder pattern, char first, char last)
    {
        if (first == '\0')
        {
            return;
        }

        pattern.Append(first);
        if (last > first)
        {
            pattern.Append('-').Append(last);
        }
    }

    private static bool IsWord(int codePoint) => codePoint == '_' || (codePoint < 0x80 && char.IsAsciiLetterOrDigit((char)codePoint));
}
