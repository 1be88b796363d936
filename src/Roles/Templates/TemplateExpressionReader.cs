using System.Globalization;

namespace Bridge.Roles.Templates;

/// <summary>Reads the inside of a tag: a path, a literal, or a helper and its arguments.</summary>
internal sealed class TemplateExpressionReader(string text, int offset)
{
    private const int MaxPath = 500;

    private int _at;

    /// <summary>The error, once a method returned null or false.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Where it is wrong.</summary>
    public int ErrorOffset { get; private set; }

    public bool AtEnd
    {
        get
        {
            SkipSpace();
            return _at >= text.Length;
        }
    }

    /// <summary>The next word, for block names and partial names; empty when there is none.</summary>
    public string ReadWord()
    {
        SkipSpace();
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] is not ('(' or ')' or '|'))
        {
            _at++;
        }

        return text[start.._at];
    }

    /// <summary>A whole tag: one value, or <c>helper argument…</c>.</summary>
    public TemplateExpression? ReadStatement()
    {
        var first = ReadTerm(0);
        if (first is null || AtEnd)
        {
            // A helper without arguments is still a helper.
            return first;
        }

        return first is PathExpression { Data: null, Up: 0, Segments.Count: 1 } name
            ? ReadArguments(name.Segments[0], name.Offset, closing: false, 0)
            : Fail(_at, "One value was expected here; only a helper takes arguments.");
    }

    /// <summary>One value, with <c>(helper argument…)</c> for a call.</summary>
    public TemplateExpression? ReadTerm(int depth)
    {
        SkipSpace();
        var start = offset + _at;
        if (_at >= text.Length)
        {
            return Fail(_at, "The tag is empty; write the name of a variable in it.");
        }

        if (depth > 8)
        {
            return Fail(_at, "Parentheses are nested deeper than 8 levels.");
        }

        switch (text[_at])
        {
            case '(':
                _at++;
                var name = ReadWord();
                return name.Length == 0
                    ? Fail(_at, "A helper's name was expected after (.")
                    : ReadArguments(name, start, closing: true, depth);
            case '"' or '\'':
                return ReadText(start);
        }

        var word = ReadPathText();
        if (word.Length == 0)
        {
            return Fail(_at, $"\"{text[_at]}\" was not expected here.");
        }

        if (word.Length > MaxPath)
        {
            return Fail(start - offset, $"This path has more than {MaxPath} characters.");
        }

        return word switch
        {
            "true" or "false" => new LiteralExpression(start, TemplateValue.Of(word == "true")),
            "null" => new LiteralExpression(start, JsonText.Null),
            _ when decimal.TryParse(
                word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                => new LiteralExpression(start, TemplateValue.Of(number)),
            _ => ReadPath(word, start),
        };
    }

    /// <summary><c>as |item index|</c>; empty when it isn't there, null when it is malformed.</summary>
    public IReadOnlyList<string>? ReadNames()
    {
        if (AtEnd)
        {
            return [];
        }

        var start = _at;
        if (ReadWord() == "as")
        {
            SkipSpace();
            var close = _at < text.Length && text[_at] == '|' ? text.IndexOf('|', _at + 1) : -1;
            if (close > 0)
            {
                var names = text[(_at + 1)..close].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                _at = close + 1;
                if (names.Length is 1 or 2 && AtEnd)
                {
                    return names;
                }
            }
        }

        Fail(start, "Only \"as |item|\" or \"as |item index|\" may follow here.");
        return null;
    }

    private CallExpression? ReadArguments(string name, int start, bool closing, int depth)
    {
        var arguments = new List<TemplateExpression>();
        while (!AtEnd && text[_at] != ')')
        {
            if (text[_at] == '=')
            {
                Fail(_at, "Named arguments are not supported.");
                return null;
            }

            if (ReadTerm(depth + 1) is not { } argument)
            {
                return null;
            }

            arguments.Add(argument);
        }

        if (closing)
        {
            if (_at >= text.Length)
            {
                Fail(_at, "A closing ) is missing.");
                return null;
            }

            _at++;
        }
        else if (_at < text.Length)
        {
            Fail(_at, "This ) closes nothing.");
            return null;
        }

        return new CallExpression(start, name, arguments);
    }

    private LiteralExpression? ReadText(int start)
    {
        var close = text.IndexOf(text[_at], _at + 1);
        if (close < 0)
        {
            Fail(_at, "The quoted text is never closed.");
            return null;
        }

        var value = text[(_at + 1)..close];
        _at = close + 1;
        return new LiteralExpression(start, TemplateValue.Of(value));
    }

    // A path's text ends at white space or punctuation, but not inside [brackets].
    private string ReadPathText()
    {
        var start = _at;
        var bracket = false;
        while (_at < text.Length)
        {
            var c = text[_at];
            if (!bracket && (char.IsWhiteSpace(c) || c is '(' or ')' or '|' or '=' or '"' or '\''))
            {
                break;
            }

            bracket = c == '[' || (bracket && c != ']');
            _at++;
        }

        return text[start.._at];
    }

    private PathExpression? ReadPath(string word, int start)
    {
        var rest = word;
        var up = 0;
        while (rest.StartsWith("../", StringComparison.Ordinal))
        {
            up++;
            rest = rest[3..];
        }

        if (rest == "..")
        {
            return new PathExpression(start, word, up + 1, null, []);
        }

        string? data = null;
        if (rest.StartsWith('@'))
        {
            var end = rest.IndexOfAny(['.', '/']);
            data = end < 0 ? rest[1..] : rest[1..end];
            rest = end < 0 ? "" : rest[(end + 1)..];
        }

        var isExplicit = up > 0;
        if (rest is "this" or ".")
        {
            rest = "";
        }
        else if (rest.StartsWith("this.", StringComparison.Ordinal) || rest.StartsWith("this/", StringComparison.Ordinal))
        {
            (rest, isExplicit) = (rest[5..], true);
        }
        else if (rest.StartsWith("./", StringComparison.Ordinal))
        {
            (rest, isExplicit) = (rest[2..], true);
        }

        var segments = new List<string>();
        while (rest.Length > 0)
        {
            int end;
            if (rest[0] == '[')
            {
                end = rest.IndexOf(']');
                if (end < 0)
                {
                    Fail(start - offset, $"In \"{word}\" a closing ] is missing.");
                    return null;
                }

                segments.Add(rest[1..end]);
                end++;
                if (end < rest.Length && rest[end] is not ('.' or '/'))
                {
                    Fail(start - offset, $"In \"{word}\" a dot was expected after ].");
                    return null;
                }
            }
            else
            {
                end = rest.IndexOfAny(['.', '/']);
                end = end < 0 ? rest.Length : end;
                segments.Add(rest[..end]);
            }

            if (segments[^1].Length == 0)
            {
                Fail(start - offset, $"\"{word}\" is no path; write names with single dots between them.");
                return null;
            }

            if (end == rest.Length - 1)
            {
                Fail(start - offset, $"\"{word}\" ends with a dot.");
                return null;
            }

            rest = end >= rest.Length ? "" : rest[(end + 1)..];
        }

        return new PathExpression(start, word, up, data, segments) { Explicit = isExplicit };
    }

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private TemplateExpression? Fail(int at, string message)
    {
        if (Error.Length == 0)
        {
            (Error, ErrorOffset) = (message, offset + at);
        }

        return null;
    }
}
