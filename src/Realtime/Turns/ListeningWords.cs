using System.Text;

namespace Bridge.Realtime.Turns;

/// <summary>Whether a transcript holds words, or only the sounds of a listener ("mhm").</summary>
internal static class ListeningWords
{
    // A longer transcript is speech, whatever it consists of.
    private const int MaxLength = 80;

    /// <summary>True when the text consists of listed sounds alone. Spelling counts; case, punctuation and repetition do not.</summary>
    /// <param name="text">The transcript.</param>
    /// <param name="sounds">The role's list.</param>
    /// <param name="final">False: more may follow, and a beginning of a sound is enough at the end.</param>
    public static bool AreAll(string text, IReadOnlyCollection<string> sounds, bool final)
    {
        if (text.Length > MaxLength || sounds.Count == 0)
        {
            return false;
        }

        var rest = Letters(text);
        if (rest.Length == 0)
        {
            return false;
        }

        // Sounds may have several parts (uh-huh), and transcripts none between two of them: every way to part the text is tried.
        var reached = new bool[rest.Length + 1];
        reached[0] = true;
        for (var at = 0; at < rest.Length; at++)
        {
            if (!reached[at])
            {
                continue;
            }

            foreach (var sound in sounds)
            {
                var letters = Letters(sound);
                var left = rest.Length - at;
                if (!final && letters.Length >= left && letters.StartsWith(rest[at..], StringComparison.Ordinal))
                {
                    return true;
                }

                if (letters.Length > 0 && letters.Length <= left && rest.AsSpan(at, letters.Length).SequenceEqual(letters))
                {
                    reached[at + letters.Length] = true;
                }
            }
        }

        return reached[rest.Length];
    }

    private static string Letters(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var c in text.Normalize())
        {
            if (char.IsLetterOrDigit(c))
            {
                letters.Append(char.ToLowerInvariant(c));
            }
        }

        return letters.ToString();
    }
}
