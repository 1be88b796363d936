using System.Buffers;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Bridge.Roles.Yaml;

/// <summary>
/// Refuses what is no data (tags, directives, merge keys, keys that are no texts) and what YamlDotNet's parser lets through
/// although YAML 1.2.2 forbids it: it would drop a line or a character of the author without a word.
/// </summary>
internal sealed class YamlSubset
{
    public const string NoKey = "A key must be a plain word or a quoted text.";
    public const string NoComment = "A comment needs a blank before its #.";
    public const string TabIndent = "This line is indented with a tab; YAML takes spaces alone.";
    public const string Directive = "Directives (%) are not supported; remove the line.";

    // NEL, LS and PS are line breaks to the parser and characters to YAML 1.2 (§5.4).
    private static readonly SearchValues<char> Refused = SearchValues.Create(
        [
            .. Enumerable.Range(0, 0x20).Where(code => code is not ('\t' or '\n' or '\r')).Select(code => (char)code),
            '\u007F', '\u0085', '\u2028', '\u2029',
        ]);

    private readonly YamlSource _source;
    private readonly Queue<int> _percentLines;

    /// <summary>Checks the characters of the document.</summary>
    public YamlSubset(YamlSource source)
    {
        _source = source;
        var refused = source.Text.AsSpan().IndexOfAny(Refused);
        if (refused >= 0)
        {
            var code = (int)source.Text[refused];
            throw Refuse(refused, $"The control character U+{code:X4} is not allowed; in double quotes it is written "
                + $"{(code > 0xFF ? $"\\u{code:X4}" : $"\\x{code:X2}")}.");
        }

        _percentLines = new Queue<int>(PercentLines(source.Text));
    }

    /// <summary>A value that begins at <paramref name="node"/>.</summary>
    /// <param name="node">The event.</param>
    /// <param name="inBrackets">Whether tabs may stand before it.</param>
    public void CheckNode(NodeEvent node, bool inBrackets)
    {
        var at = node.Start.Index;
        if (!node.Tag.IsEmpty)
        {
            throw Refuse(at, Tag(_source, at, node.Tag.ToString()));
        }

        if (!inBrackets && _source.Before(at) is var indent && indent.Contains('\t') && indent.IsWhiteSpace())
        {
            throw Refuse(at - indent.Length + indent.IndexOf('\t'), TabIndent);
        }

        if (node is Scalar scalar)
        {
            CheckDirectives(at, scalar.End.Index);
            if (scalar.Style == ScalarStyle.SingleQuoted)
            {
                CheckComment(scalar.End.Index);
            }
            else if (scalar.Style == ScalarStyle.Plain && scalar.Value.Length > 0)
            {
                CheckPlain(scalar);
            }
        }
    }

    /// <summary>A key of a mapping.</summary>
    public void CheckKey(ParsingEvent at)
    {
        if (at is not Scalar { Anchor.IsEmpty: true } scalar
            || scalar is { Style: ScalarStyle.Literal or ScalarStyle.Folded } or { Style: ScalarStyle.Plain, Value: "" }
            || IsExplicit(scalar))
        {
            throw Refuse(at.Start.Index, NoKey);
        }

        if (scalar is { Style: ScalarStyle.Plain, Value: "<<" })
        {
            throw Refuse(at.Start.Index, "Merge keys (<<) are not supported; repeat the keys.");
        }
    }

    /// <summary>The text between two entries of a mapping in braces, or between a key and its value there.</summary>
    /// <param name="end">Where the one ends.</param>
    /// <param name="next">The other.</param>
    /// <param name="sign">The separator between them; the parser takes some without.</param>
    public void CheckBetween(long end, ParsingEvent next, char sign)
    {
        var start = next.Start.Index;
        if (end <= start && !_source.Text.AsSpan((int)end, (int)(start - end)).Contains(sign))
        {
            throw Refuse(start, sign == ',' ? "A comma or } was expected here." : "A colon was expected before this value.");
        }
    }

    /// <summary>The text right behind a closing brace or quote: the parser drops a comment there that has no blank before it.</summary>
    public void CheckComment(long end)
    {
        if (_source.At(end) == '#')
        {
            throw Refuse(end, NoComment);
        }
    }

    /// <summary>The end of the document; refuses a line with % that stands between the values or behind the last one.</summary>
    public void CheckEnd() => CheckDirectives(long.MaxValue, long.MaxValue);

    /// <summary>The sentence about the tag at an offset.</summary>
    public static string Tag(YamlSource source, long at, string resolved) =>
        $"The tag {(source.At(at) == '!' ? source.Word(at) : resolved)} is not supported; remove it.";

    private void CheckPlain(Scalar scalar)
    {
        var at = scalar.Start.Index;
        if (scalar.Value[0] is '@' or '`' or '%' or '|' or '>' or ' ')
        {
            // The parser takes these at the beginning of a text between brackets.
            throw Refuse(at, $"Nothing can begin with {_source.Word(at)} here; put a text that does in quotes.");
        }

        if (scalar.Anchor.IsEmpty && _source.At(at - 1) == ':' && _source.At(at - 2) is not ('"' or '\''))
        {
            // The parser drops the colon of a text that begins with one in some places, and keeps it in others.
            throw Refuse(at - 1, "Nothing can begin with : here; put a text that does in quotes.");
        }

        if (scalar.Value.EndsWith(':'))
        {
            throw Refuse(at, "A blank belongs behind the colon of a key; a text that ends with a colon needs quotes.");
        }

        if (scalar.Value.Contains(": ", StringComparison.Ordinal))
        {
            // The parser takes a key with " *" in it for a text.
            throw Refuse(at, "A text with a colon and a blank in it needs quotes.");
        }
    }

    // "? key" is YAML's long form of a key.
    private bool IsExplicit(Scalar scalar)
    {
        var before = _source.Before(scalar.Start.Index).TrimEnd(" \t");
        return before.EndsWith('?') && (before.Length == 1 || before[^2] is ' ' or '\t' or '{' or '[' or ',');
    }

    // The parser skips a line that begins with % wherever a value could begin, unless it is a directive that it knows.
    private void CheckDirectives(long valueStart, long valueEnd)
    {
        while (_percentLines.TryPeek(out var percent) && percent <= valueEnd)
        {
            if (percent < valueStart)
            {
                throw Refuse(percent, Directive);
            }

            _percentLines.Dequeue();
        }
    }

    private static IEnumerable<int> PercentLines(string text)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (at == 0 || text[at - 1] is '\n' or '\r')
            {
                yield return at;
            }
        }
    }

    private YamlRefusal Refuse(long at, string message)
    {
        var (line, column) = _source.Place(at);
        return new YamlRefusal(line, column, message);
    }
}
