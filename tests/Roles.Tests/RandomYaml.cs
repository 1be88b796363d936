using System.Globalization;
using System.Text;

namespace Bridge.Roles.Tests;

/// <summary>Writes random documents in every style that a person might use.</summary>
internal sealed class RandomYaml(Random random)
{
    private static readonly string[] Words =
    [
        "a",
        "is",
        "12",
        "-3.5",
        "true",
        "null",
        "it's",
        "x:y",
        "a#b",
        "https://e.org/#f",
        "🍕",
        "é",
        "-",
        "q\"q",
        "?",
        "80%",
        "a&b",
        "c*",
        "(d)",
    ];

    private readonly StringBuilder _text = new();
    private int _keys;

    public string Document()
    {
        if (random.Next(6) == 0)
        {
            _text.Append("---\n");
        }

        if (random.Next(2) == 0)
        {
            Mapping(0, 0);
        }
        else
        {
            Sequence(0, 0);
        }

        if (random.Next(6) == 0)
        {
            _text.Append("...\n");
        }

        return random.Next(8) == 0 ? _text.ToString().Replace("\n", "\r\n", StringComparison.Ordinal) : _text.ToString();
    }

    // Each writes whole lines; the first goes on where the cursor stands, which is at the indentation.
    private void Mapping(int indent, int depth)
    {
        var count = random.Next(1, 5);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                Filler(indent);
                _text.Append(' ', indent);
            }

            var key = string.Create(CultureInfo.InvariantCulture, $"k{_keys++}");
            _text.Append(random.Next(6) switch { 0 => $"\"{key} x\"", 1 => $"'{key}'", 2 => key + " y", _ => key })
                .Append(random.Next(8) == 0 ? " :" : ":");
            Value(indent, depth, dashesBeside: true);
        }
    }

    private void Sequence(int indent, int depth)
    {
        var count = random.Next(1, 4);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                Filler(indent);
                _text.Append(' ', indent);
            }

            _text.Append('-');
            if (depth < 4 && random.Next(3) == 0)
            {
                var gap = random.Next(1, 4);
                _text.Append(' ', gap);
                if (random.Next(2) == 0)
                {
                    Mapping(indent + 1 + gap, depth + 1);
                }
                else
                {
                    Sequence(indent + 1 + gap, depth + 1);
                }
            }
            else
            {
                Value(indent, depth, dashesBeside: false);
            }
        }
    }

    private void Value(int indent, int depth, bool dashesBeside)
    {
        var deeper = indent + random.Next(1, 5);
        switch (random.Next(depth < 4 ? 10 : 7))
        {
            case 0:
                End();
                break;
            case 1:
                _text.Append(' ').Append(Flow(0));
                End();
                break;
            case 2:
                Block(deeper);
                break;
            case 3:
                _text.Append(' ');
                Quoted(deeper);
                End();
                break;
            case 4:
                _text.Append(' ').Append(Plain());
                for (var more = random.Next(3); more > 0; more--)
                {
                    _text.Append('\n', random.Next(1, 3)).Append(' ', deeper).Append(Plain());
                }

                End();
                break;
            case < 7:
                _text.Append(' ', random.Next(1, 3)).Append(Plain());
                End();
                break;
            case 7 when dashesBeside:
                End();
                Filler(indent);
                _text.Append(' ', indent);
                Sequence(indent, depth + 1);
                break;
            case 8:
                End();
                Filler(deeper);
                _text.Append(' ', deeper);
                Sequence(deeper, depth + 1);
                break;
            default:
                End();
                Filler(deeper);
                _text.Append(' ', deeper);
                Mapping(deeper, depth + 1);
                break;
        }
    }

    private void Block(int indent)
    {
        _text.Append(random.Next(2) == 0 ? " |" : " >").Append(random.Next(4) switch { 0 => "-", 1 => "+", _ => "" })
            .Append(random.Next(5) == 0 ? " # note\n" : "\n");
        _text.Append('\n', random.Next(4) == 0 ? 1 : 0);
        var lines = random.Next(1, 6);
        for (var i = 0; i < lines; i++)
        {
            _text.Append(' ', indent + (i > 0 && random.Next(4) == 0 ? 2 : 0)).Append(Plain())
                .Append(random.Next(8) == 0 ? " # no comment" : "").Append('\n', random.Next(4) == 0 ? random.Next(2, 4) : 1);
        }
    }

    private void Quoted(int indent)
    {
        var single = random.Next(2) == 0;
        var parts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => single
            ? Plain().Replace("'", "''", StringComparison.Ordinal)
            : Plain()
                .Replace(
                    "\"",
                    "\\\"",
                    StringComparison.Ordinal) + random.Next(6) switch { 0 =>
                        "\\n", 1 => "\\u00e9", 2 => "\\t ", 3 => "  ", _ => "" }).ToList();
        _text.Append(single ? '\'' : '"').Append(parts[0]);
        foreach (var part in parts.Skip(1))
        {
            _text.Append(!single && random.Next(4) == 0 ? "\\" : "").Append('\n', random.Next(1, 3)).Append(' ', indent).Append(part);
        }

        _text.Append(single ? '\'' : '"');
    }

    private string Flow(int depth)
    {
        var items = Enumerable.Range(0, random.Next(4)).Select(i => (depth < 2 ? random.Next(6) : 5) switch
        {
            0 => Flow(depth + 1),
            1 => "\"" + i + ", ]\"",
            2 => "'x'",
            _ => Words[random.Next(6)] + (random.Next(4) == 0 ? " x\n" + new string(' ', 20) + "y" : ""),
        });
        if (random.Next(2) == 0)
        {
            return "["
                + string.Join(
                    random.Next(5) switch
                    {
                        0 => ",",
                        1 => ",\n" + new string(' ', 20),
                        2 => " ,\n\n" + new string(' ', 20) + "# note\n" + new string(' ', 20),
                        _ => ", ",
                    },
                    items) + (random.Next(4) == 0 ? " ]" : "]");
        }

        return "{ " + string.Join(", ", items.Select((item, i) => $"f{i}" + (random.Next(5) == 0 ? "" : ": " + item))) + " }";
    }

    private string Plain()
    {
        var words = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Words[random.Next(Words.Length)]).ToList();
        // A text can't begin or end with a sign that means something there.
        return "w" + string.Join(random.Next(5) == 0 ? "  " : " ", words) + "z";
    }

    private void End() => _text.Append(random.Next(6) switch { 0 => " # note\n", 1 => "  \n", _ => "\n" });

    private void Filler(int indent)
    {
        switch (random.Next(10))
        {
            case 0:
                _text.Append('\n');
                break;
            case 1:
                _text.Append(' ', indent).Append("# between\n");
                break;
        }
    }
}
