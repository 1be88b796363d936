using System.Buffers;

namespace Bridge.Roles.Yaml;

/// <summary>A place in a YAML text, with its line, and the moves that every part of the grammar shares.</summary>
internal sealed class YamlCursor
{
    private static readonly SearchValues<char> Controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(code => code is not ('\t' or '\n')).Append(0x7F).Select(code => (char)code)]);

    private readonly string _text;
    private int _lineStart;

    /// <summary>Stands at the beginning of <paramref name="text"/>; its line breaks become line feeds.</summary>
    public YamlCursor(string text)
    {
        _text = text.Contains('\r') ? text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : text;
        var control = _text.AsSpan().IndexOfAny(Controls);
        if (control >= 0)
        {
            var before = _text.AsSpan(0, control);
            throw new YamlRefusal(1 + before.Count('\n'), control - before.LastIndexOf('\n'), $"The control character U+{(int)_text[control]:X4} is not allowed; in double quotes it is written \\x{(int)_text[control]:X2}.");
        }
    }

    /// <summary>Offset into the text.</summary>
    public int At { get; private set; }

    /// <summary>1-based.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>1-based.</summary>
    public int Column => At - _lineStart + 1;

    /// <summary>Characters of this line before the cursor.</summary>
    public int Indent => At - _lineStart;

    public bool IsEnd => At >= _text.Length;

    /// <summary>The character here; NUL at the end, which no text holds.</summary>
    public char Current => At < _text.Length ? _text[At] : '\0';

    /// <summary>The character after <see cref="Current"/>.</summary>
    public char Next => At + 1 < _text.Length ? _text[At + 1] : '\0';

    /// <summary>True when the line ends here.</summary>
    public bool IsLineEnd => Current is '\n' or '\0';

    /// <summary>What is left of this line.</summary>
    public ReadOnlySpan<char> Rest
    {
        get
        {
            var rest = _text.AsSpan(At);
            var end = rest.IndexOf('\n');
            return end < 0 ? rest : rest[..end];
        }
    }

    /// <summary>True at <c>---</c> or <c>...</c> at the start of a line.</summary>
    public bool IsDocumentMark =>
        Column == 1 && (Rest.StartsWith("---") || Rest.StartsWith("...")) && (Rest.Length == 3 || Rest[3] is ' ' or '\t');

    public static bool IsBlank(char c) => c is ' ' or '\t' or '\n' or '\0';

    /// <summary>Steps over characters of this line.</summary>
    public void Skip(int count) => At += count;

    /// <summary>Steps over a line break.</summary>
    public void SkipBreak()
    {
        At++;
        Line++;
        _lineStart = At;
    }

    /// <summary>Steps over spaces and tabs.</summary>
    public void SkipSpaces()
    {
        var length = _text.AsSpan(At).IndexOfAnyExcept(' ', '\t');
        At = length < 0 ? _text.Length : At + length;
    }

    /// <summary>Steps over spaces, at most so many.</summary>
    public void SkipIndent(int most)
    {
        while (most-- > 0 && Current == ' ')
        {
            At++;
        }
    }

    /// <summary>Steps over blanks and a comment to the end of the line or to what stands there.</summary>
    public void SkipToContent()
    {
        SkipSpaces();
        if (Current == '#' && (Column == 1 || _text[At - 1] is ' ' or '\t'))
        {
            Skip(Rest.Length);
        }
    }

    /// <summary>Steps over blanks, comments and line breaks to the next content, or to the end.</summary>
    /// <param name="inFlow">Inside brackets, where indentation means nothing and may be tabs.</param>
    public void SkipLines(bool inFlow = false)
    {
        while (true)
        {
            SkipToContent();
            if (Current != '\n')
            {
                break;
            }

            SkipBreak();
        }

        if (!inFlow && !IsEnd && _text.AsSpan(_lineStart, At - _lineStart) is var indent && indent.IndexOfAnyExcept(' ', '\t') < 0 && indent.Contains('\t'))
        {
            throw new YamlRefusal(Line, 1 + indent.IndexOf('\t'), "This line is indented with a tab; YAML takes spaces alone.");
        }
    }

    public YamlRefusal Refuse(string message) => new(Line, Column, message);
}
