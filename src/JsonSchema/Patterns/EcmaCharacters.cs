using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Bridge.JsonSchema.Patterns;

/// <summary>Reads the characters and character escapes of a pattern (ECMA-262 §22.2.1) as sets of code points.</summary>
internal sealed class EcmaCharacters(string source)
{
    private static readonly CodePointSet Digits = CodePointSet.Of(('0', '9'));

    // WhiteSpace and LineTerminator of ECMA-262.
    private static readonly CodePointSet Spaces = CodePointSet.Of(
        (9, 13), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    /// <summary>The class <c>\w</c>.</summary>
    public static CodePointSet WordCharacters { get; } = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_'));

    /// <summary>Where it is read next, in code units.</summary>
    public int At { get; set; }

    /// <summary>Reads a member of a class: a character or an escape.</summary>
    public bool TryReadMember([NotNullWhen(true)] out CodePointSet? set, out string? problem)
    {
        problem = null;
        if (source[At] != '\\')
        {
            set = CodePointSet.Single(ReadCodePoint());
            return true;
        }

        At++;
        return TryReadEscape(true, out set, out problem);
    }

    /// <summary>Reads an escape that stands for one code point or a class of them, from behind its backslash.</summary>
    public bool TryReadEscape(bool inClass, [NotNullWhen(true)] out CodePointSet? set, out string? problem)
    {
        (set, problem) = (null, "");
        if (At == source.Length)
        {
            return false;
        }

        var c = source[At++];
        set = c switch
        {
            'd' => Digits,
            'D' => Digits.Complement(),
            'w' => WordCharacters,
            'W' => WordCharacters.Complement(),
            's' => Spaces,
            'S' => Spaces.Complement(),
            't' => CodePointSet.Single('\t'),
            'n' => CodePointSet.Single('\n'),
            'v' => CodePointSet.Single('\v'),
            'f' => CodePointSet.Single('\f'),
            'r' => CodePointSet.Single('\r'),
            '0' when At == source.Length || !char.IsAsciiDigit(source[At]) => CodePointSet.Single(0),
            'b' when inClass => CodePointSet.Single('\b'),
            'c' when At < source.Length && char.IsAsciiLetter(source[At]) => CodePointSet.Single(source[At++] % 32),
            'x' => TryReadHex(2, out var code) ? CodePointSet.Single(code) : null,
            'u' => ReadUnicode(),
            'p' or 'P' => ReadProperty(c == 'P', ref problem),
            _ when char.IsAsciiLetterOrDigit(c) => null,
            _ => CodePointSet.Single(ReadCodePointAt(--At)),
        };
        return set is not null;
    }

    // \u0041, \ud83d\ude00 or \u{1F600}; At is behind the u.
    private CodePointSet? ReadUnicode()
    {
        if (At < source.Length && source[At] == '{')
        {
            var end = source.IndexOf('}', At);
            if (end < 0 || end - At > 10
                || !TryParseHex(source.AsSpan(At + 1, end - At - 1), out var named)
                || named is < 0 or > CodePointSet.Last)
            {
                return null;
            }

            At = end + 1;
            return CodePointSet.Single(named);
        }

        if (!TryReadHex(4, out var unit))
        {
            return null;
        }

        var before = At;
        if (char.IsHighSurrogate((char)unit) && source.AsSpan(At) is ['\\', 'u', ..])
        {
            At += 2;
            if (TryReadHex(4, out var low) && char.IsLowSurrogate((char)low))
            {
                return CodePointSet.Single(char.ConvertToUtf32((char)unit, (char)low));
            }

            At = before;
        }

        return CodePointSet.Single(unit);
    }

    private CodePointSet? ReadProperty(bool negated, ref string? problem)
    {
        var end = At < source.Length && source[At] == '{' ? source.IndexOf('}', At) : -1;
        if (end < 0)
        {
            return null;
        }

        var property = source[(At + 1)..end];
        At = end + 1;
        if (!UnicodeProperties.TryFind(property, out var set))
        {
            problem = $"names a property that is not known here, {property}";
            return null;
        }

        return negated ? set.Complement() : set;
    }

    private bool TryReadHex(int digits, out int value)
    {
        value = 0;
        if (At + digits > source.Length || !TryParseHex(source.AsSpan(At, digits), out value))
        {
            return false;
        }

        At += digits;
        return true;
    }

    public int ReadCodePoint() => ReadCodePointAt(At);

    private int ReadCodePointAt(int at)
    {
        var isPair = char.IsHighSurrogate(source[at]) && at + 1 < source.Length && char.IsLowSurrogate(source[at + 1]);
        At = at + (isPair ? 2 : 1);
        return isPair ? char.ConvertToUtf32(source[at], source[at + 1]) : source[at];
    }

    private static bool TryParseHex(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
