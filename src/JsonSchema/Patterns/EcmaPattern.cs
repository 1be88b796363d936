using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Bridge.JsonSchema.Patterns;

/// <summary>
/// Reads a pattern of ECMA-262 (§22.2, as with the flag <c>u</c>) into parts that .NET can run, exactly: <c>.</c>, classes
/// and properties stand for whole code points, <c>\d</c>, <c>\w</c> and <c>\b</c> are ASCII, <c>$</c> is the very end, a
/// back-reference to a group that took no part matches the empty text. Of the forms that browsers take besides (annex
/// B.1.2), it takes escaped punctuation, loose braces and <c>[\w-.]</c>; of other dialects <c>\A</c>, <c>\z</c>,
/// <c>\Z</c>, <c>(?i)</c> and <c>(?P&lt;name&gt;</c>, which have no other meaning here. It reads from left to right and
/// keeps no tree, so that no nesting costs stack.
/// </summary>
internal sealed class EcmaPattern
{
    // .NET's reader follows nested groups with its stack.
    private const int MaxNesting = 100;

    private static readonly CodePointSet NotLineEnds = CodePointSet.Of((10, 10), (13, 13), (0x2028, 0x2029)).Complement();

    private readonly string _source;
    private readonly EcmaCharacters _characters;
    private readonly List<PatternPart> _parts = [];
    private readonly List<string?> _groups; // names in the order of their parentheses; null: without one
    private readonly bool _hasReferences;
    private bool _ignoresCase;
    private int _opened;
    private int _nesting;
    private bool _repeatable; // what stands before may be repeated

    private EcmaPattern(string source)
    {
        _source = source;
        _characters = new EcmaCharacters(source);
        (_groups, _hasReferences) = Survey(source);
    }

    /// <summary>The pattern in parts, in order.</summary>
    public IReadOnlyList<PatternPart> Parts => _parts;

    /// <summary>True: it compares the text with itself or with other letter cases, so that it has to see the text as it is.</summary>
    public bool ComparesText => _hasReferences || _ignoresCase;

    /// <summary>False: it can not be run exactly; <paramref name="problem"/> says why, empty when it is no pattern at all.</summary>
    public static bool TryRead(string source, out EcmaPattern pattern, [NotNullWhen(false)] out string? problem)
    {
        pattern = new EcmaPattern(source);
        problem = pattern.Read();
        return problem is null;
    }

    // Capturing groups have to be known before the references to them, which may stand first.
    private static (List<string?> Groups, bool HasReferences) Survey(string source)
    {
        var groups = new List<string?>();
        var (references, inClass) = (false, false);
        for (var i = 0; i < source.Length; i++)
        {
            switch (source[i])
            {
                case '\\' when i + 1 < source.Length:
                    i++;
                    references |= !inClass && source[i] is (>= '1' and <= '9') or 'k';
                    break;
                case '[':
                    inClass = true;
                    break;
                case ']':
                    inClass = false;
                    break;
                case '(' when !inClass:
                    var rest = source.AsSpan(i + 1);
                    if (NameAt(rest, out var name, out _) || rest is not ['?', ..])
                    {
                        groups.Add(name);
                    }

                    break;
            }
        }

        return (groups, references);
    }

    // "?<name>" or "?P<name>" behind an opening parenthesis.
    private static bool NameAt(ReadOnlySpan<char> rest, out string? name, out int length)
    {
        (name, length) = (null, 0);
        var start = rest.StartsWith("?<", StringComparison.Ordinal) ? 2 : rest.StartsWith("?P<", StringComparison.Ordinal) ? 3 : 0;
        if (start == 0 || rest.Length <= start || rest[start] is '=' or '!')
        {
            return false;
        }

        var end = rest[start..].IndexOf('>');
        if (end < 1)
        {
            return false;
        }

        name = rest.Slice(start, end).ToString();
        length = start + end + 1;
        return true;
    }

    private int At
    {
        get => _characters.At;
        set => _characters.At = value;
    }

    private string? Read()
    {
        while (At < _source.Length)
        {
            if (Next() is { } problem)
            {
                return problem;
            }
        }

        return _nesting == 0 ? null : "";
    }

    // Reads one element; null when it could.
    private string? Next()
    {
        var c = _source[At++];
        switch (c)
        {
            case '^':
                return Assertion("^");
            case '$':
                return Assertion(@"\z");
            case '|':
                return Assertion("|");
            case '(':
                return Open();
            case ')':
                Add(")");
                _repeatable = true;
                return --_nesting < 0 ? "" : null;
            case '*' or '+' or '?':
                return Quantifier(c.ToString());
            case '{' when TryReadBraces(out var braces):
                return Quantifier(braces);
            case '.':
                return Set(NotLineEnds);
            case '[':
                return Class();
            case '\\':
                return Escape();
            default:
                At--;
                return Set(CodePointSet.Single(_characters.ReadCodePoint()));
        }
    }

    private string? Assertion(string text)
    {
        Add(text);
        _repeatable = false;
        return null;
    }

    private string? Set(CodePointSet set)
    {
        _parts.Add(new PatternPart(null, set));
        _repeatable = true;
        return null;
    }

    private void Add(string text) => _parts.Add(new PatternPart(text, null));

    private string? Quantifier(string quantifier)
    {
        if (!_repeatable)
        {
            return "";
        }

        Add(quantifier);
        if (At < _source.Length && _source[At] == '?')
        {
            Add("?");
            At++;
        }

        _repeatable = false;
        return null;
    }

    // {2}, {2,} or {2,5}; any other brace is a character.
    private bool TryReadBraces(out string braces)
    {
        braces = "";
        var end = _source.IndexOf('}', At);
        if (end <= At)
        {
            return false;
        }

        var inner = _source[At..end];
        var comma = inner.IndexOf(',', StringComparison.Ordinal);
        var (least, most) = comma < 0 ? (inner, "") : (inner[..comma], inner[(comma + 1)..]);
        if (least.Length == 0 || !least.All(char.IsAsciiDigit) || !most.All(char.IsAsciiDigit))
        {
            return false;
        }

        braces = $"{{{inner}}}";
        At = end + 1;
        return true;
    }

    private string? Open()
    {
        if (++_nesting > MaxNesting)
        {
            return $"nests groups more than {MaxNesting} deep";
        }

        _repeatable = false;
        var rest = _source.AsSpan(At);
        if (NameAt(rest, out _, out var length) || rest is not ['?', ..])
        {
            At += length;
            _opened++;
            Add(_hasReferences ? string.Create(CultureInfo.InvariantCulture, $"(?<g{_opened}>") : "(?:");
            return null;
        }

        foreach (var opening in (ReadOnlySpan<string>)["?:", "?=", "?!", "?<=", "?<!", "?i:"])
        {
            if (rest.StartsWith(opening, StringComparison.Ordinal))
            {
                _ignoresCase |= opening == "?i:";
                Add("(" + opening);
                At += opening.Length;
                return null;
            }
        }

        if (rest.StartsWith("?i)", StringComparison.Ordinal))
        {
            _ignoresCase = true;
            Add("(?i)");
            At += 3;
            _nesting--;
            return null;
        }

        return "";
    }

    private string? Escape()
    {
        if (At == _source.Length)
        {
            return "";
        }

        switch (_source[At])
        {
            case 'b':
                At++;
                return Assertion(PatternPart.WordBoundary);
            case 'B':
                At++;
                return Assertion(PatternPart.NoWordBoundary);
            case 'A':
                At++;
                return Assertion(@"\A");
            case 'z' or 'Z':
                At++;
                return Assertion(@"\z");
            case 'k' or (>= '1' and <= '9'):
                return Reference();
        }

        return _characters.TryReadEscape(false, out var set, out var problem) ? Set(set) : problem;
    }

    private string? Reference()
    {
        int group;
        if (_source[At] == 'k')
        {
            var end = _source.IndexOf('>', At);
            if (end < 0 || _source.AsSpan(At) is not ['k', '<', ..])
            {
                return "";
            }

            group = _groups.IndexOf(_source[(At + 2)..end]) + 1;
            At = end + 1;
        }
        else
        {
            var start = At;
            while (At < _source.Length && char.IsAsciiDigit(_source[At]))
            {
                At++;
            }

            var digits = _source.AsSpan(start, At - start);
            group = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        }

        if (group < 1 || group > _groups.Count)
        {
            return "";
        }

        Add(string.Create(CultureInfo.InvariantCulture, $"(?(g{group})\\k<g{group}>|)"));
        _repeatable = true;
        return null;
    }

    private string? Class()
    {
        var negated = At < _source.Length && _source[At] == '^';
        At += negated ? 1 : 0;
        var ranges = new List<(int From, int To)>();
        while (true)
        {
            if (At == _source.Length)
            {
                return "";
            }

            if (_source[At] == ']')
            {
                At++;
                var set = CodePointSet.Of(ranges);
                return Set(negated ? set.Complement() : set);
            }

            if (!_characters.TryReadMember(out var from, out var problem))
            {
                return problem;
            }

            // A dash between two characters makes a range; beside a class or at the end it is a character.
            if (IsSingle(from) && At + 1 < _source.Length && _source[At] == '-' && _source[At + 1] != ']')
            {
                At++;
                if (!_characters.TryReadMember(out var to, out problem))
                {
                    return problem;
                }

                if (!IsSingle(to))
                {
                    ranges.AddRange([.. from.Ranges, ('-', '-'), .. to.Ranges]);
                }
                else if (to.Ranges[0].From < from.Ranges[0].From)
                {
                    return "";
                }
                else
                {
                    ranges.Add((from.Ranges[0].From, to.Ranges[0].From));
                }
            }
            else
            {
                ranges.AddRange(from.Ranges);
            }
        }
    }

    private static bool IsSingle(CodePointSet set) => set.Ranges is [{ } only] && only.From == only.To;
}
