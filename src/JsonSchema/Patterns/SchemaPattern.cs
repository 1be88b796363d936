using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Bridge.JsonSchema.Patterns;

/// <summary>
/// A regular expression of a schema (ECMA-262, as JSON Schema §6.4 asks), run by .NET without backtracking where it can be
/// and with a time limit where it can not.
/// </summary>
internal sealed class SchemaPattern
{
    // Both far above any honest pattern. .NET takes seconds for patterns of 200 kB.
    private const int MaxLength = 4_096;
    private const int MaxTranslatedLength = 65_536;
    private const string TooLarge = "is too large a regular expression";
    private const string Word = "[0-9A-Za-z_]";

    private static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(50);

    private readonly Regex _regex;
    private readonly PatternAlphabet? _alphabet; // null: the text is matched as it is

    private SchemaPattern(string source, Regex regex, PatternAlphabet? alphabet)
    {
        (Source, _regex, _alphabet) = (source, regex, alphabet);
    }

    /// <summary>The pattern as the schema has it.</summary>
    public string Source { get; }

    /// <summary>False: the pattern can not be used; <paramref name="problem"/> goes on from its place.</summary>
    public static bool TryCompile(string source, [NotNullWhen(true)] out SchemaPattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        pattern = null;
        if (source.Length > MaxLength)
        {
            problem = $"has more than {MaxLength} characters";
            return false;
        }

        if (!EcmaPattern.TryRead(source, out var read, out var why))
        {
            problem = $"{(why.Length > 0 ? why : "is no regular expression")}: {source}";
            return false;
        }

        var alphabet = read.ComparesText ? null : PatternAlphabet.Of(read.Parts);
        if (!read.ComparesText && alphabet is null)
        {
            problem = $"{TooLarge}: {source}";
            return false;
        }

        var written = new StringBuilder();
        foreach (var part in read.Parts)
        {
            Append(written, part, alphabet);
            if (written.Length > MaxTranslatedLength)
            {
                problem = $"{TooLarge}: {source}";
                return false;
            }
        }

        try
        {
            pattern = new SchemaPattern(source, Compile(written.ToString(), read.ComparesText), alphabet);
            problem = null;
            return true;
        }
        catch (ArgumentException)
        {
            problem = $"is no regular expression: {source}";
            return false;
        }
    }

    /// <summary>False when the match took too long; it counts as none.</summary>
    public bool TryMatch(string text, out bool matches)
    {
        try
        {
            if (_alphabet is null)
            {
                matches = _regex.IsMatch(text);
            }
            else
            {
                var letters = new char[text.Length];
                matches = _regex.IsMatch(letters.AsSpan(0, _alphabet.Write(text, letters)));
            }

            return true;
        }
        catch (RegexMatchTimeoutException)
        {
            matches = false;
            return false;
        }
    }

    private static void Append(StringBuilder written, PatternPart part, PatternAlphabet? alphabet)
    {
        if (part.Set is { } set)
        {
            if (alphabet is null)
            {
                set.AppendTo(written);
            }
            else
            {
                alphabet.Append(written, set);
            }

            return;
        }

        // .NET's word boundary is Unicode's; in the alphabet it is the pattern's.
        written.Append(alphabet is not null ? part.Text : part.Text switch
        {
            PatternPart.WordBoundary => $"(?:(?<={Word})(?!{Word})|(?<!{Word})(?={Word}))",
            PatternPart.NoWordBoundary => $"(?:(?<={Word})(?={Word})|(?<!{Word})(?!{Word}))(?![\\uDC00-\\uDFFF])",
            var text => text,
        });
    }

    private static Regex Compile(string written, bool comparesText)
    {
        if (comparesText)
        {
            return new Regex(written, RegexOptions.CultureInvariant, MatchTime);
        }

        try
        {
            return new Regex(written, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            // Look-around needs the backtracking engine, and so does what is too large for the other one.
            return new Regex(written, RegexOptions.CultureInvariant, MatchTime);
        }
    }
}
