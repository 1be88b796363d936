using System.Buffers;
using System.Globalization;
using System.Text;

namespace Bridge.Roles.Yaml;

/// <summary>Reads the texts of a document: plain, quoted, literal and folded (YAML 1.2.2 chapters 7.3 and 8.1).</summary>
internal static class YamlScalars
{
    private static readonly SearchValues<char> BlockStops = SearchValues.Create(":#");
    private static readonly SearchValues<char> FlowStops = SearchValues.Create(":#,[]{}");

    /// <summary>
    /// The part of a plain text on this line: to <c>: </c>, to <c> #</c>, inside brackets also to their punctuation. The cursor
    /// ends at what stopped it.
    /// </summary>
    public static string PlainLine(YamlCursor cursor, bool inFlow)
    {
        var rest = cursor.Rest;
        var at = 0;
        while (at < rest.Length)
        {
            var step = rest[at..].IndexOfAny(inFlow ? FlowStops : BlockStops);
            at = step < 0 ? rest.Length : at + step;
            if (at == rest.Length || IsStop(rest, at, inFlow))
            {
                break;
            }

            at++;
        }

        var text = rest[..at].TrimEnd(" \t").ToString();
        cursor.Skip(at);
        return text;
    }

    /// <summary>The whole of a plain text that began with <paramref name="first"/>: it goes on over lines that are indented deeper than <paramref name="parent"/>.</summary>
    public static string PlainLines(YamlCursor cursor, string first, int parent, bool inFlow)
    {
        StringBuilder? folded = null;
        while (cursor.IsLineEnd && GoesOn(cursor, parent, inFlow, out var breaks))
        {
            folded ??= new StringBuilder(first);
            Fold(folded, breaks);
            folded.Append(PlainLine(cursor, inFlow));
            if (!inFlow && cursor.Current == ':')
            {
                throw cursor.Refuse("This colon stands in a text that began on a line above; put the text in quotes, or indent the key like its neighbours.");
            }
        }

        return folded?.ToString() ?? first;
    }

    /// <summary>A quoted text from its opening quote on; the cursor ends behind the closing one.</summary>
    public static string Quoted(YamlCursor cursor)
    {
        var (line, column, quote) = (cursor.Line, cursor.Column, cursor.Current);
        cursor.Skip(1);
        var text = new StringBuilder();
        // Blanks at the end of a line are no part of the text, unless something escaped stands behind them.
        var kept = 0;
        while (true)
        {
            var rest = cursor.Rest;
            var run = quote == '"' ? rest.IndexOfAny('"', '\\') : rest.IndexOf('\'');
            run = run < 0 ? rest.Length : run;
            text.Append(rest[..run]);
            cursor.Skip(run);
            if (cursor.IsEnd || cursor.IsDocumentMark)
            {
                throw new YamlRefusal(line, column, "The quoted text that begins here is never closed.");
            }

            if (cursor.Current == '\n')
            {
                while (text.Length > kept && text[^1] is ' ' or '\t')
                {
                    text.Length--;
                }

                Fold(text, SkipBreaks(cursor));
            }
            else if (cursor.Current == '\\')
            {
                Escape(cursor, text);
            }
            else if (quote == '\'' && cursor.Next == '\'')
            {
                text.Append('\'');
                cursor.Skip(2);
            }
            else
            {
                cursor.Skip(1);
                return text.ToString();
            }

            kept = text.Length;
        }
    }

    /// <summary>
    /// A literal (<c>|</c>) or folded (<c>&gt;</c>) text from its sign on, indented deeper than <paramref name="parent"/>. The
    /// cursor ends on the first line that is not, or at the end.
    /// </summary>
    public static string Block(YamlCursor cursor, int parent)
    {
        var isFolded = cursor.Current == '>';
        var (indent, chomp) = BlockHeader(cursor, parent);
        var text = new StringBuilder();
        var breaks = 0;
        var isFirst = true;
        var wasIndented = false;
        while (true)
        {
            cursor.SkipIndent(indent ?? int.MaxValue);
            if (cursor.Current == '\n')
            {
                breaks++;
                cursor.SkipBreak();
                continue;
            }

            if (cursor.IsEnd || cursor.IsDocumentMark || cursor.Indent < (indent ?? parent + 1))
            {
                break;
            }

            indent ??= cursor.Indent;
            // A line that is indented deeper keeps the breaks before it and after it.
            var isIndented = cursor.Current is ' ' or '\t';
            if (isFolded && !isFirst && !wasIndented && !isIndented)
            {
                Fold(text, breaks);
            }
            else
            {
                text.Append('\n', breaks);
            }

            text.Append(cursor.Rest);
            cursor.Skip(cursor.Rest.Length);
            (isFirst, wasIndented, breaks) = (false, isIndented, 0);
        }

        return text.Append('\n', chomp == '+' ? breaks : chomp == '-' || isFirst ? 0 : Math.Min(breaks, 1)).ToString();
    }

    private static (int? Indent, char Chomp) BlockHeader(YamlCursor cursor, int parent)
    {
        cursor.Skip(1);
        int? indent = null;
        var chomp = '\0';
        for (; !YamlCursor.IsBlank(cursor.Current); cursor.Skip(1))
        {
            if (cursor.Current is '+' or '-' && chomp == '\0')
            {
                chomp = cursor.Current;
            }
            else if (cursor.Current is >= '1' and <= '9' && indent is null)
            {
                indent = Math.Max(parent, 0) + cursor.Current - '0';
            }
            else
            {
                throw cursor.Refuse("Behind | or > may stand + or - and a digit; the text begins on the next line.");
            }
        }

        cursor.SkipToContent();
        if (!cursor.IsLineEnd)
        {
            throw cursor.Refuse("Behind | or > the line ends; the text begins on the next line.");
        }

        if (!cursor.IsEnd)
        {
            cursor.SkipBreak();
        }

        return (indent, chomp);
    }

    private static bool IsStop(ReadOnlySpan<char> line, int at, bool inFlow) => line[at] switch
    {
        '#' => at > 0 && line[at - 1] is ' ' or '\t',
        ':' => at + 1 == line.Length || line[at + 1] is ' ' or '\t' || (inFlow && line[at + 1] is ',' or '[' or ']' or '{' or '}'),
        _ => true,
    };

    // The next line belongs to the text, unless it is a comment, too far to the left, or punctuation.
    private static bool GoesOn(YamlCursor cursor, int parent, bool inFlow, out int breaks)
    {
        breaks = 0;
        var indent = 0;
        while (cursor.Current == '\n')
        {
            cursor.SkipBreak();
            breaks++;
            cursor.SkipIndent(int.MaxValue);
            indent = cursor.Indent;
            cursor.SkipSpaces();
        }

        return breaks > 0 && !cursor.IsEnd && cursor.Current != '#' && !cursor.IsDocumentMark
            && (inFlow ? !FlowStops.Contains(cursor.Current) || !IsStop(cursor.Rest, 0, inFlow) : indent > parent);
    }

    private static void Fold(StringBuilder text, int breaks) => _ = breaks == 1 ? text.Append(' ') : text.Append('\n', breaks - 1);

    private static int SkipBreaks(YamlCursor cursor)
    {
        var breaks = 0;
        for (; cursor.Current == '\n'; breaks++)
        {
            cursor.SkipBreak();
            cursor.SkipSpaces();
        }

        return breaks;
    }

    private static void Escape(YamlCursor cursor, StringBuilder text)
    {
        var sign = cursor.Next;
        if (sign == '\n')
        {
            // The line break is no part of the text; empty lines behind it are.
            cursor.Skip(1);
            text.Append('\n', SkipBreaks(cursor) - 1);
            return;
        }

        var digits = sign switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            text.Append(Character(cursor, digits));
            return;
        }

        text.Append(sign switch
        {
            '0' => '\0',
            'a' => '\a',
            'b' => '\b',
            't' or '\t' => '\t',
            'n' => '\n',
            'v' => '\v',
            'f' => '\f',
            'r' => '\r',
            'e' => '\u001B',
            ' ' or '"' or '/' or '\\' => sign,
            'N' => '\u0085',
            '_' => '\u00A0',
            'L' => '\u2028',
            'P' => '\u2029',
            _ => throw cursor.Refuse("There is no such escape in double quotes; a backslash itself is written \\\\."),
        });
        cursor.Skip(2);
    }

    private static string Character(YamlCursor cursor, int digits)
    {
        var code = Code(cursor, digits);
        if (code is >= 0xD800 and <= 0xDBFF && cursor.Rest[(2 + digits)..].StartsWith("\\u"))
        {
            // Two escapes for one character, as JSON writes it.
            cursor.Skip(2 + digits);
            var low = Code(cursor, digits = 4);
            code = low is >= 0xDC00 and <= 0xDFFF ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : code;
        }

        if (!Rune.IsValid(code))
        {
            throw cursor.Refuse("The escape stands for no character.");
        }

        cursor.Skip(2 + digits);
        return new Rune(code).ToString();
    }

    private static int Code(YamlCursor cursor, int digits)
    {
        var rest = cursor.Rest[2..];
        return rest.Length >= digits && int.TryParse(rest[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? code
            : throw cursor.Refuse($"Behind \\{cursor.Next} stand {digits} hexadecimal digits.");
    }
}
