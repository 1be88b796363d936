using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Bridge.Roles.Yaml;

/// <summary>Reads JSON into the tree that YAML is read into, so that its values know their places, too.</summary>
internal ref struct JsonTree
{
    private readonly ReadOnlySpan<byte> _utf8;
    private Utf8JsonReader _reader;
    private int _at;
    private int _line = 1;
    private int _lineStart;

    private JsonTree(ReadOnlySpan<byte> utf8)
    {
        _utf8 = utf8;
        _reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = YamlReader.MaxDepth });
    }

    /// <summary>False: it is no JSON, nests deeper than <see cref="YamlReader.MaxDepth"/>, or a key stands twice; and where.</summary>
    /// <param name="file">As errors spell it.</param>
    /// <param name="bytes">UTF-8, with or without a byte order mark.</param>
    /// <param name="root">The value.</param>
    /// <param name="error">Why there is none.</param>
    public static bool TryRead(
        string file, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out YamlNode? root, [NotNullWhen(false)] out RoleError? error)
    {
        (root, error) = (null, null);
        try
        {
            var tree = new JsonTree(bytes[(bytes.StartsWith("\uFEFF"u8) ? 3 : 0)..]);
            tree._reader.Read();
            root = tree.Value();
            tree._reader.Read();
            return true;
        }
        catch (JsonException refused)
        {
            error = new RoleError(
                file, (int)(refused.LineNumber ?? -1) + 1, (int)(refused.BytePositionInLine ?? -1) + 1, Mistake(refused));
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which the reader lets pass until it is to be a text.
            error = new RoleError(file, 0, 0, "A text holds half of a surrogate pair (\\uD800 to \\uDFFF).");
        }
        catch (YamlRefusal refused)
        {
            error = new RoleError(file, refused.Line, refused.Column, refused.Message);
        }

        return false;
    }

    /// <summary>A sentence of .NET's reader without the place that it ends with.</summary>
    public static string Mistake(JsonException refused)
    {
        var place = refused.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return $"This is not JSON: {(place < 0 ? refused.Message : refused.Message[..place])}";
    }

    // As deep as the reader goes, which refuses more.
    private YamlNode Value()
    {
        var (line, column) = Place();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Mapping(line, column);
            case JsonTokenType.StartArray:
                var items = new List<YamlNode>();
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Value());
                }

                return new YamlSequence(line, column, items);
            case JsonTokenType.String:
                return new YamlScalar(line, column, _reader.GetString()!, plain: false);
            default:
                return new YamlScalar(line, column, Encoding.UTF8.GetString(_reader.ValueSpan), plain: true);
        }
    }

    private YamlMapping Mapping(int line, int column)
    {
        var entries = new List<KeyValuePair<YamlScalar, YamlNode>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var (keyLine, keyColumn) = Place();
            var key = new YamlScalar(keyLine, keyColumn, _reader.GetString()!, plain: false);
            if (!names.Add(key.Text))
            {
                throw new YamlRefusal(keyLine, keyColumn, $"The key \"{key.Text}\" stands here a second time.");
            }

            _reader.Read();
            entries.Add(new(key, Value()));
        }

        return new YamlMapping(line, column, entries);
    }

    private (int Line, int Column) Place()
    {
        var start = (int)_reader.TokenStartIndex;
        for (; _at < start; _at++)
        {
            if (_utf8[_at] == (byte)'\n')
            {
                (_line, _lineStart) = (_line + 1, _at + 1);
            }
        }

        return (_line, start - _lineStart + 1);
    }
}
