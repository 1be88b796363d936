using System.Buffers;

namespace Bridge.Roles.Yaml;

/// <summary>The text of a document by offset: which line an offset stands on, and what stands around it.</summary>
internal sealed class YamlSource(string text)
{
    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t\r\n,[]{}");

    public string Text { get; } = text;

    /// <summary>True at the end, blanks and line breaks not counted, and beyond it.</summary>
    public bool IsEnd(long offset) => Text.AsSpan(Clamp(offset)).Trim(" \t\r\n").IsEmpty;

    /// <summary>The character at the offset; NUL at the end, which no document holds.</summary>
    public char At(long offset) => offset >= 0 && offset < Text.Length ? Text[(int)offset] : '\0';

    /// <summary>Line and column of the offset, 1-based; those of the last character for an offset beyond the end.</summary>
    public (int Line, int Column) Place(long offset)
    {
        var (line, start) = (1, 0);
        var at = Clamp(offset);
        for (var i = 0; i < at; i++)
        {
            if (Text[i] == '\n' || (Text[i] == '\r' && At(i + 1) != '\n'))
            {
                (line, start) = (line + 1, i + 1);
            }
        }

        return (line, at - start + 1);
    }

    /// <summary>The line from its beginning to the offset.</summary>
    public ReadOnlySpan<char> Before(long offset)
    {
        var before = Text.AsSpan(0, Clamp(offset));
        return before[(before.LastIndexOfAny('\n', '\r') + 1)..];
    }

    /// <summary>The line from the offset to its end.</summary>
    public ReadOnlySpan<char> After(long offset)
    {
        var after = Text.AsSpan(Clamp(offset));
        var end = after.IndexOfAny('\n', '\r');
        return end < 0 ? after : after[..end];
    }

    /// <summary>The word that begins at the offset.</summary>
    public string Word(long offset)
    {
        var after = Text.AsSpan(Clamp(offset));
        var end = after.IndexOfAny(WordEnds);
        return (end < 0 ? after : after[..end]).ToString();
    }

    private int Clamp(long offset) => (int)Math.Clamp(offset, 0, Text.Length);
}
