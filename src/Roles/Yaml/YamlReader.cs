using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Bridge.Roles.Yaml;

/// <summary>
/// Reads one YAML document into a tree that keeps positions: what YAML 1.2.2 offers for data. What could blow up is
/// bounded: nesting, nodes, and aliases, which count as often as they expand. Tags, directives, merge keys, keys that are no
/// texts and further documents are refused. docs/decisions/0008 says why it is ours.
/// </summary>
internal sealed partial class YamlReader
{
    public const int MaxDepth = 32;
    public const int MaxNodes = 50_000;

    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t,[]{}");
    private const string NoKey = "A key must be a plain word or a quoted text.";

    private readonly YamlCursor _cursor;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private YamlReader(string text) => _cursor = new YamlCursor(text);

    /// <summary>Where a value stands: what may begin there.</summary>
    private enum Place
    {
        /// <summary>Anything.</summary>
        Block,

        /// <summary>On the line of its key or anchor: no list by dashes and no mapping without brackets.</summary>
        Line,

        /// <summary>Between brackets.</summary>
        Flow,
    }

    /// <summary>Reads <paramref name="utf8"/>; an empty document is an empty mapping. On failure <paramref name="error"/> says what and where.</summary>
    public static bool TryRead(string file, ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out YamlNode? root, [NotNullWhen(false)] out RoleError? error)
    {
        root = null;
        if (!Utf8Text.TryDecode(utf8, out var text))
        {
            error = new RoleError(file, 0, 0, "The file is not UTF-8 text; save it as UTF-8.");
            return false;
        }

        try
        {
            root = new YamlReader(text).ReadDocument();
            error = null;
            return true;
        }
        catch (YamlRefusal refused)
        {
            error = new RoleError(file, refused.Line, refused.Column, refused.Message);
            return false;
        }
    }

    private YamlNode ReadDocument()
    {
        _cursor.SkipLines();
        if (_cursor is { Current: '%', Column: 1 })
        {
            throw _cursor.Refuse("Directives (%) are not supported; remove the line.");
        }

        if (_cursor is { IsDocumentMark: true, Current: '-' })
        {
            _cursor.Skip(3);
            _cursor.SkipLines();
        }

        var root = _cursor.IsEnd || _cursor.IsDocumentMark ? Empty(_cursor.Line, _cursor.Column) : ReadNode(-1, 1, Place.Block);
        _cursor.SkipLines();
        if (_cursor is { IsDocumentMark: true, Current: '.' })
        {
            _cursor.Skip(3);
            _cursor.SkipLines();
        }

        if (!_cursor.IsEnd)
        {
            throw _cursor.IsDocumentMark ? _cursor.Refuse("A second document starts here; a file holds one.") : Misplaced();
        }

        return root is YamlScalar { IsNull: true } ? new YamlMapping(root.Line, root.Column, []) : root;
    }

    // The cursor stands on the value's first character.
    private YamlNode ReadNode(int parent, int depth, Place place)
    {
        if (depth > MaxDepth)
        {
            throw _cursor.Refuse($"Nested deeper than {MaxDepth} levels.");
        }

        var (line, column) = (_cursor.Line, _cursor.Column);
        switch (_cursor.Current)
        {
            case '!':
                throw _cursor.Refuse($"The tag {Word()} is not supported; remove it.");
            case '&':
                return ReadAnchored(parent, depth, place);
            case '*':
                return ReadAlias(depth, place);
            case '[':
                Count();
                return Closed(ReadFlowSequence(line, column, depth), place);
            case '{':
                Count();
                return Closed(ReadFlowMapping(line, column, depth), place);
            case '|' or '>' when place != Place.Flow:
                Count();
                return new YamlScalar(line, column, YamlScalars.Block(_cursor, parent), plain: false);
            case '-' when YamlCursor.IsBlank(_cursor.Next):
                return place == Place.Block ? ReadSequence(depth) : throw _cursor.Refuse("A list with dashes can't begin here; write it on the lines below.");
            default:
                return ReadScalarOrMapping(parent, depth, place);
        }
    }

    private YamlNode ReadScalarOrMapping(int parent, int depth, Place place)
    {
        var indent = _cursor.Indent;
        var first = ReadKey(place);
        if (place == Place.Flow)
        {
            return first.Plain ? new YamlScalar(first.Line, first.Column, YamlScalars.PlainLines(_cursor, first.Text, parent, inFlow: true), plain: true) : first;
        }

        if (IsColon(first))
        {
            return place == Place.Block
                ? ReadMapping(indent, depth, first)
                : throw _cursor.Refuse("A second colon on one line: put the text in quotes, or write the mapping on the lines below, indented.");
        }

        return first.Plain
            ? new YamlScalar(first.Line, first.Column, YamlScalars.PlainLines(_cursor, first.Text, parent, inFlow: false), plain: true)
            : Closed(first, place);
    }

    // A quoted text, or the first line of a plain one, which may turn out to be a key.
    private YamlScalar ReadKey(Place place)
    {
        var (line, column) = (_cursor.Line, _cursor.Column);
        Count();
        switch (_cursor.Current)
        {
            case '"' or '\'':
                return new YamlScalar(line, column, YamlScalars.Quoted(_cursor), plain: false);
            case '?' or ':' when YamlCursor.IsBlank(_cursor.Next):
                throw _cursor.Refuse(NoKey);
            case ',' or ']' or '}' or '@' or '`' or '%' or '|' or '>':
                throw _cursor.Refuse($"Nothing can begin with {_cursor.Current} here; put a text that does in quotes.");
            default:
                return new YamlScalar(line, column, YamlScalars.PlainLine(_cursor, place == Place.Flow), plain: true);
        }
    }

    // Behind what may be a key: it is one when a colon and a blank follow on its line.
    private bool IsColon(YamlScalar key)
    {
        _cursor.SkipSpaces();
        return _cursor.Current == ':' && YamlCursor.IsBlank(_cursor.Next) && key.Line == _cursor.Line;
    }

    private YamlMapping ReadMapping(int indent, int depth, YamlScalar first)
    {
        Count();
        var entries = new List<KeyValuePair<YamlScalar, YamlNode>>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var key = first; ;)
        {
            CheckKey(key, seen);
            _cursor.Skip(1);
            entries.Add(new(key, ReadValue(indent, depth + 1, takesDashesBeside: true)));
            _cursor.SkipLines();
            if (_cursor.IsEnd || _cursor.IsDocumentMark || _cursor.Indent < indent)
            {
                return new YamlMapping(first.Line, first.Column, entries);
            }

            if (_cursor.Indent > indent)
            {
                throw Misplaced();
            }

            key = ReadNextKey();
        }
    }

    private YamlScalar ReadNextKey()
    {
        var (line, column) = (_cursor.Line, _cursor.Column);
        switch (_cursor.Current)
        {
            case '-' when YamlCursor.IsBlank(_cursor.Next):
                throw _cursor.Refuse("A list item stands among keys; write it below its key, or remove the dash.");
            case '[' or '{' or '&' or '*' or '!':
                throw _cursor.Refuse(NoKey);
        }

        var key = ReadKey(Place.Block);
        return IsColon(key) ? key : throw new YamlRefusal(line, column, "A key with a colon was expected here, such as `name: …`.");
    }

    private YamlSequence ReadSequence(int depth)
    {
        Count();
        var (line, column, indent) = (_cursor.Line, _cursor.Column, _cursor.Indent);
        var items = new List<YamlNode>();
        while (!_cursor.IsEnd && _cursor.Indent == indent && _cursor.Current == '-' && YamlCursor.IsBlank(_cursor.Next))
        {
            _cursor.Skip(1);
            items.Add(ReadValue(indent, depth + 1, takesDashesBeside: false));
            _cursor.SkipLines();
            if (!_cursor.IsEnd && _cursor.Indent > indent)
            {
                throw Misplaced();
            }
        }

        return new YamlSequence(line, column, items);
    }

    // Behind a colon or a dash: the value stands on this line, on deeper ones below, or is empty.
    private YamlNode ReadValue(int indent, int depth, bool takesDashesBeside)
    {
        var (line, column) = (_cursor.Line, _cursor.Column);
        _cursor.SkipToContent();
        return _cursor.IsLineEnd
            ? ReadBelow(indent, depth, line, column, takesDashesBeside)
            : ReadNode(indent, depth, takesDashesBeside ? Place.Line : Place.Block);
    }

    private YamlNode ReadBelow(int indent, int depth, int line, int column, bool takesDashesBeside)
    {
        _cursor.SkipLines();
        var isDash = _cursor.Current == '-' && YamlCursor.IsBlank(_cursor.Next);
        return !_cursor.IsEnd && !_cursor.IsDocumentMark && (_cursor.Indent > indent || (takesDashesBeside && isDash && _cursor.Indent == indent))
            ? ReadNode(indent, depth, Place.Block)
            : Empty(line, column);
    }

    private YamlNode ReadAnchored(int parent, int depth, Place place)
    {
        var (line, column) = (_cursor.Line, _cursor.Column);
        var name = Name();
        _anchors[name] = null;
        YamlNode node;
        if (place == Place.Flow)
        {
            _cursor.SkipLines(inFlow: true);
            node = _cursor.Current is ',' or ']' or '}' ? Empty(line, column) : ReadNode(parent, depth, place);
        }
        else
        {
            _cursor.SkipToContent();
            node = _cursor.IsLineEnd
                ? ReadBelow(parent, depth, line, column, takesDashesBeside: place == Place.Line)
                : ReadNode(parent, depth, Place.Line);
        }

        return _anchors[name] = node;
    }

    private YamlNode ReadAlias(int depth, Place place)
    {
        var (line, column) = (_cursor.Line, _cursor.Column);
        var name = Name();
        if (!_anchors.TryGetValue(name, out var target))
        {
            throw new YamlRefusal(line, column, $"There is no anchor &{name} above this alias.");
        }

        if (target is null)
        {
            throw new YamlRefusal(line, column, $"The alias *{name} stands inside its own anchor.");
        }

        if (depth - 1 + target.Depth > MaxDepth)
        {
            throw new YamlRefusal(line, column, $"The alias *{name} nests deeper than {MaxDepth} levels.");
        }

        Count(target.Size);
        return Closed(target, place);
    }

    // Behind a bracket, a quote or an alias in a block nothing else stands on the line.
    private YamlNode Closed(YamlNode node, Place place)
    {
        if (place == Place.Flow)
        {
            return node;
        }

        _cursor.SkipToContent();
        if (_cursor.Current == ':' && YamlCursor.IsBlank(_cursor.Next))
        {
            throw new YamlRefusal(node.Line, node.Column, NoKey);
        }

        return _cursor.IsLineEnd ? node : throw _cursor.Refuse("Nothing was expected here any more; put the whole text in quotes, or write this on a line of its own.");
    }

    private static void CheckKey(YamlScalar key, Dictionary<string, int> seen)
    {
        if (key is { Plain: true, Text: "<<" })
        {
            throw new YamlRefusal(key.Line, key.Column, "Merge keys (<<) are not supported; repeat the keys.");
        }

        if (!seen.TryAdd(key.Text, key.Line))
        {
            throw new YamlRefusal(key.Line, key.Column, $"The key \"{key.Text}\" stands here a second time; the first is on line {seen[key.Text]}.");
        }
    }

    private YamlScalar Empty(int line, int column)
    {
        Count();
        return new YamlScalar(line, column, "", plain: true);
    }

    private YamlRefusal Misplaced() => _cursor.Refuse("This line does not belong to what stands above it; check its indentation.");

    private string Word()
    {
        var rest = _cursor.Rest;
        var end = rest.IndexOfAny(WordEnds);
        return (end < 0 ? rest : rest[..end]).ToString();
    }

    // Behind & or *.
    private string Name()
    {
        var word = Word();
        if (word.Length < 2)
        {
            throw _cursor.Refuse($"Nothing can begin with {word} here; put a text that does in quotes.");
        }

        _cursor.Skip(word.Length);
        return word[1..];
    }

    private void Count(int nodes = 1)
    {
        _nodes = checked(_nodes + nodes);
        if (_nodes > MaxNodes)
        {
            throw _cursor.Refuse($"More than {MaxNodes} values, aliases counted as often as they expand.");
        }
    }
}
