using System.Buffers;

namespace Bridge.Rpc;

/// <summary>
/// Walks over JSON text (RFC 8259) and checks it, without tree, allocation or exception. Stricter than
/// <see cref="System.Text.Json.Utf8JsonReader"/> in one point: an escaped lone surrogate is refused here, because every
/// later attempt to read that string would throw. The caller has checked that the text is UTF-8.
/// </summary>
internal ref struct JsonScanner
{
    /// <summary>The nesting stack is one bit per level.</summary>
    public const int DepthLimit = 64;

    private static readonly SearchValues<byte> EndsPlainRun = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    private readonly ReadOnlySpan<byte> _text;

    public JsonScanner(ReadOnlySpan<byte> text)
    {
        _text = text;
    }

    /// <summary>Offset of the next byte; after a failure, of the byte that is wrong.</summary>
    public int Position { get; private set; }

    public readonly bool AtEnd => Position >= _text.Length;

    public readonly byte Current => Position < _text.Length ? _text[Position] : (byte)0;

    public readonly ReadOnlySpan<byte> Slice(int start) => _text[start..Position];

    public void SkipWhitespace()
    {
        while (Position < _text.Length && _text[Position] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            Position++;
        }
    }

    public bool TrySkip(byte expected)
    {
        if (Position < _text.Length && _text[Position] == expected)
        {
            Position++;
            return true;
        }

        return false;
    }

    /// <summary>Skips one value of any kind that nests at most <paramref name="maxDepth"/> levels.</summary>
    public bool TrySkipValue(int maxDepth)
    {
        ulong objects = 0; // bit n: level n is an object
        var depth = 0;
        while (true)
        {
            SkipWhitespace();
            switch (Current)
            {
                case (byte)'{' or (byte)'[':
                    var isObject = Current == '{';
                    if (depth >= maxDepth || depth >= DepthLimit)
                    {
                        return false;
                    }

                    objects = isObject ? objects | (1UL << depth) : objects & ~(1UL << depth);
                    depth++;
                    Position++;
                    SkipWhitespace();
                    if (TrySkip(isObject ? (byte)'}' : (byte)']'))
                    {
                        depth--;
                        break;
                    }

                    if (isObject && !TrySkipName())
                    {
                        return false;
                    }

                    continue;
                case (byte)'"':
                    if (!TrySkipString())
                    {
                        return false;
                    }

                    break;
                case (byte)'t' when TrySkipLiteral("true"u8):
                case (byte)'f' when TrySkipLiteral("false"u8):
                case (byte)'n' when TrySkipLiteral("null"u8):
                    break;
                default:
                    if (!TrySkipNumber())
                    {
                        return false;
                    }

                    break;
            }

            // A value has ended: close levels until one goes on with a comma.
            while (true)
            {
                if (depth == 0)
                {
                    return true;
                }

                var inObject = (objects & (1UL << (depth - 1))) != 0;
                SkipWhitespace();
                if (TrySkip((byte)','))
                {
                    SkipWhitespace();
                    if (inObject && !TrySkipName())
                    {
                        return false;
                    }

                    break;
                }

                if (!TrySkip(inObject ? (byte)'}' : (byte)']'))
                {
                    return false;
                }

                depth--;
            }
        }
    }

    /// <summary>Skips a member's name, the colon behind it and the whitespace around that.</summary>
    public bool TrySkipName()
    {
        if (Current != '"' || !TrySkipString())
        {
            return false;
        }

        SkipWhitespace();
        if (!TrySkip((byte)':'))
        {
            return false;
        }

        SkipWhitespace();
        return true;
    }

    /// <summary>Skips a string that begins here.</summary>
    public bool TrySkipString()
    {
        Position++;
        while (true)
        {
            var run = _text[Position..].IndexOfAny(EndsPlainRun);
            if (run < 0)
            {
                Position = _text.Length;
                return false;
            }

            Position += run;
            if (_text[Position] == '"')
            {
                Position++;
                return true;
            }

            if (_text[Position] != '\\' || !TrySkipEscape())
            {
                return false;
            }
        }
    }

    private bool TrySkipEscape()
    {
        if (Position + 1 >= _text.Length)
        {
            Position = _text.Length;
            return false;
        }

        if (_text[Position + 1] is (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t')
        {
            Position += 2;
            return true;
        }

        if (!TryReadUnicodeEscape(out var unit) || char.IsLowSurrogate(unit))
        {
            return false;
        }

        return !char.IsHighSurrogate(unit) || (TryReadUnicodeEscape(out var low) && char.IsLowSurrogate(low));
    }

    private bool TryReadUnicodeEscape(out char unit)
    {
        unit = '\0';
        if (Position + 6 > _text.Length || _text[Position] != '\\' || _text[Position + 1] != 'u')
        {
            return false;
        }

        var value = 0;
        for (var i = 2; i < 6; i++)
        {
            var digit = _text[Position + i];
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }

            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        unit = (char)value;
        Position += 6;
        return true;
    }

    private bool TrySkipLiteral(ReadOnlySpan<byte> literal)
    {
        if (!_text[Position..].StartsWith(literal))
        {
            return false;
        }

        Position += literal.Length;
        return true;
    }

    private bool TrySkipNumber()
    {
        TrySkip((byte)'-');
        if (!TrySkip((byte)'0') && !TrySkipDigits())
        {
            return false;
        }

        if (TrySkip((byte)'.') && !TrySkipDigits())
        {
            return false;
        }

        if (Current is (byte)'e' or (byte)'E')
        {
            Position++;
            if (Current is (byte)'+' or (byte)'-')
            {
                Position++;
            }

            return TrySkipDigits();
        }

        return true;
    }

    private bool TrySkipDigits()
    {
        var start = Position;
        while (Position < _text.Length && _text[Position] is >= (byte)'0' and <= (byte)'9')
        {
            Position++;
        }

        return Position > start;
    }
}
