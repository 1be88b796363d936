using System.Diagnostics.CodeAnalysis;

namespace Bridge.Roles.Templates;

/// <summary>
/// Cuts a Handlebars template into text and tags, and drops the white space that the language drops: beside <c>~</c>, and
/// the whole line of a block tag, comment or partial that stands alone on it.
/// </summary>
internal static class TemplateLexer
{
    private const int MaxQuoted = 60;

    public static bool TryRead(
        string text, [NotNullWhen(true)] out List<TemplateToken>? tokens, out int errorOffset, [NotNullWhen(false)] out string? error)
    {
        tokens = null;
        var found = new List<TemplateToken>();
        var plain = new System.Text.StringBuilder();
        var plainStart = 0;
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf("{{", at, StringComparison.Ordinal);
            if (open < 0)
            {
                break;
            }

            if (open > 0 && text[open - 1] == '\\')
            {
                // \{{ writes the braces themselves, up to the tag's end.
                var end = text.IndexOf("}}", open, StringComparison.Ordinal);
                end = end < 0 ? text.Length : end + 2;
                plain.Append(text, at, open - 1 - at).Append(text, open, end - open);
                at = end;
                continue;
            }

            plain.Append(text, at, open - at);
            if (!TryReadTag(text, open, out var tag, out at, out error))
            {
                errorOffset = open;
                return false;
            }

            found.Add(new TemplateToken { Kind = TemplateTokenKind.Text, Content = plain.ToString(), Offset = plainStart });
            found.Add(tag);
            plain.Clear();
            plainStart = at;
        }

        plain.Append(text, at, text.Length - at);
        found.Add(new TemplateToken { Kind = TemplateTokenKind.Text, Content = plain.ToString(), Offset = plainStart });
        DropWhiteSpace(found);
        tokens = found;
        errorOffset = 0;
        error = null;
        return true;
    }

    private static bool TryReadTag(
        string text, int open, [NotNullWhen(true)] out TemplateToken? tag, out int after, [NotNullWhen(false)] out string? error)
    {
        tag = null;
        error = null;
        after = 0;
        var at = open + 2;
        var triple = at < text.Length && text[at] == '{';
        if (triple)
        {
            at++;
        }

        var trimBefore = at < text.Length && text[at] == '~';
        if (trimBefore)
        {
            at++;
        }

        var sigil = at < text.Length ? text[at] : '\0';
        var comment = sigil == '!' && string.CompareOrdinal(text, at, "!--", 0, 3) == 0;
        var close = triple ? "}}}" : "}}";
        int end;
        if (comment)
        {
            var dashes = text.IndexOf("--", at + 3, StringComparison.Ordinal);
            while (dashes >= 0
                && !(string.CompareOrdinal(text, dashes, "--}}", 0, 4) == 0 || string.CompareOrdinal(text, dashes, "--~}}", 0, 5) == 0))
            {
                dashes = text.IndexOf("--", dashes + 1, StringComparison.Ordinal);
            }

            end = dashes < 0 ? -1 : text.IndexOf("}}", dashes, StringComparison.Ordinal);
        }
        else
        {
            end = text.IndexOf(close, at, StringComparison.Ordinal);
        }

        if (end < 0)
        {
            error = $"The tag that opens here is never closed; add {close}.";
            return false;
        }

        if (!comment && SingleBrace(text.AsSpan(at, end - at)) is var brace and >= 0)
        {
            var begun = text.AsSpan(open, Math.Min(brace, MaxQuoted) + at - open);
            error = $"The tag that opens here has one closing brace; write {begun}{close}.";
            return false;
        }

        after = end + close.Length;
        var trimAfter = end > at && text[end - 1] == '~';
        var inside = text[at..(trimAfter ? end - 1 : end)];
        var word = inside.TrimStart();
        var kind = triple ? TemplateTokenKind.Value : sigil switch
        {
            '#' => TemplateTokenKind.Open,
            '/' => TemplateTokenKind.Close,
            '^' => TemplateTokenKind.Else,
            '>' => TemplateTokenKind.Partial,
            '!' => TemplateTokenKind.Comment,
            _ => word is "else" || word.StartsWith("else ", StringComparison.Ordinal) ? TemplateTokenKind.Else : TemplateTokenKind.Value,
        };
        var skip = kind switch
        {
            TemplateTokenKind.Value => sigil == '&' ? 1 : 0,
            TemplateTokenKind.Else => sigil == '^' ? 1 : inside.Length - word.Length + 4,
            _ => 1,
        };
        tag = new TemplateToken
        {
            Kind = kind,
            Content = inside[skip..],
            Offset = at + skip,
            TrimBefore = trimBefore,
            TrimAfter = trimAfter,
        };
        return true;
    }

    // Where a brace stands in a tag outside of quotes: the tag was closed with one, and the next tag's end was taken for its own.
    private static int SingleBrace(ReadOnlySpan<char> inside)
    {
        var quote = '\0';
        for (var i = 0; i < inside.Length; i++)
        {
            if (quote != '\0')
            {
                quote = inside[i] == quote ? '\0' : quote;
            }
            else if (inside[i] is '{' or '}')
            {
                return i;
            }
            else if (inside[i] is '"' or '\'' && inside[..i].IndexOfAnyExcept(' ', '\t') >= 0)
            {
                quote = inside[i];
            }
        }

        return -1;
    }

    // Text and tags alternate, text first and last, so the neighbours of a tag are always text.
    private static void DropWhiteSpace(List<TemplateToken> tokens)
    {
        var alone = new List<int>();
        for (var i = 1; i < tokens.Count; i += 2)
        {
            if (tokens[i].Kind != TemplateTokenKind.Value
                && EndsLine(tokens[i - 1].Content, isFirst: i == 1) && StartsLine(tokens[i + 1].Content, isLast: i == tokens.Count - 2))
            {
                alone.Add(i);
            }
        }

        foreach (var i in alone)
        {
            var before = tokens[i - 1];
            var kept = before.Content.TrimEnd(' ', '\t');
            if (tokens[i].Kind == TemplateTokenKind.Partial)
            {
                tokens[i].Indent = before.Content[kept.Length..];
            }

            before.Content = kept;
            var next = tokens[i + 1].Content;
            var newline = next.IndexOf('\n');
            tokens[i + 1].Content = newline < 0 ? "" : next[(newline + 1)..];
        }

        for (var i = 1; i < tokens.Count; i += 2)
        {
            if (tokens[i].TrimBefore)
            {
                tokens[i - 1].Content = tokens[i - 1].Content.TrimEnd();
            }

            if (tokens[i].TrimAfter)
            {
                tokens[i + 1].Content = tokens[i + 1].Content.TrimStart();
            }
        }
    }

    private static bool EndsLine(string before, bool isFirst)
    {
        var newline = before.LastIndexOf('\n');
        return (newline >= 0 || isFirst) && before.AsSpan(newline + 1).Trim(" \t").IsEmpty;
    }

    private static bool StartsLine(string after, bool isLast)
    {
        var newline = after.IndexOf('\n');
        return newline >= 0 ? after.AsSpan(0, newline).Trim(" \t\r").IsEmpty : isLast && after.AsSpan().Trim(" \t\r").IsEmpty;
    }
}
