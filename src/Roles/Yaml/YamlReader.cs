using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Bridge.Roles.Yaml;

/// <summary>
/// Builds a tree that keeps positions from the events of YamlDotNet's parser. Nesting, nodes, and what aliases expand to are
/// bounded while reading; the parser itself does not recurse (docs/decisions/0008).
/// </summary>
internal sealed class YamlReader
{
    public const int MaxDepth = 32;
    public const int MaxNodes = 50_000;

    // The scanner looks this far ahead for the colon of a key, and for no longer key.
    private const int MaxKeyLength = 1024;

    private readonly YamlSource _source;
    private readonly YamlSubset _subset;
    private readonly Scanner _scanner;
    private readonly Parser _events;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private readonly Stack<NodeEvent> _brackets = new();
    private int _nodes;

    private YamlReader(string text)
    {
        _source = new YamlSource(text);
        _subset = new YamlSubset(_source);
        _scanner = new Scanner(new StringReader(text), skipComments: true, MaxKeyLength);
        _events = new Parser(_scanner);
    }

    /// <summary>
    /// Reads <paramref name="utf8"/>; an empty document is an empty mapping. On failure <paramref name="error"/> says what and where.
    /// </summary>
    public static bool TryRead(
        string file, ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out YamlNode? root, [NotNullWhen(false)] out RoleError? error)
    {
        root = null;
        if (!Utf8Text.TryDecode(utf8, out var text))
        {
            error = new RoleError(file, 0, 0, "The file is not UTF-8 text; save it as UTF-8.");
            return false;
        }

        try
        {
            root = new YamlReader(text).Read();
            error = null;
            return true;
        }
        catch (YamlRefusal refused)
        {
            error = new RoleError(file, refused.Line, refused.Column, refused.Message);
            return false;
        }
    }

    private YamlNode Read()
    {
        try
        {
            return ReadDocument();
        }
        catch (Exception failure) when (failure is YamlException or InvalidOperationException or ArgumentException)
        {
            // The library throws its own exception at most mistakes, .NET's at lines between brackets that are not indented and
            // at escapes beyond Unicode.
            throw YamlMistake.Explain(failure, _source, _scanner.CurrentPosition, _brackets.TryPeek(out var open) ? open : null);
        }
    }

    private YamlNode ReadDocument()
    {
        Next();
        if (Next() is not DocumentStart)
        {
            _subset.CheckEnd();
            return new YamlMapping(1, 1, []);
        }

        var root = ReadNode(Next(), 1);
        Next();
        if (Next() is DocumentStart second)
        {
            throw Refuse(second, "A second document starts here; a file holds one.");
        }

        _subset.CheckEnd();
        return root is YamlScalar { IsNull: true } ? new YamlMapping(root.Line, root.Column, []) : root;
    }

    private YamlNode ReadNode(ParsingEvent at, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Refuse(at, $"Nested deeper than {MaxDepth} levels.");
        }

        if (at is AnchorAlias alias)
        {
            return ReadAlias(alias, depth);
        }

        var node = at as NodeEvent ?? throw Refuse(at, YamlMistake.Misplaced);
        _subset.CheckNode(node, _brackets.Count > 0);
        Count(node, 1);
        if (node.Anchor.IsEmpty)
        {
            return ReadContent(node, depth);
        }

        _anchors[node.Anchor.Value] = null;
        var read = ReadContent(node, depth);
        _anchors[node.Anchor.Value] = read;
        return read;
    }

    private YamlNode ReadContent(NodeEvent node, int depth)
    {
        if (node is Scalar scalar)
        {
            return Text(scalar);
        }

        var isFlow = node is SequenceStart { Style: SequenceStyle.Flow } or MappingStart { Style: MappingStyle.Flow };
        if (isFlow)
        {
            _brackets.Push(node);
        }

        YamlNode read = node is SequenceStart ? ReadSequence(node, depth) : ReadMapping(node, depth);
        if (isFlow)
        {
            _brackets.Pop();
        }

        return read;
    }

    private YamlSequence ReadSequence(NodeEvent start, int depth)
    {
        var items = new List<YamlNode>();
        for (var at = Next(); at is not SequenceEnd; at = Next())
        {
            items.Add(ReadNode(at, depth + 1));
        }

        return new YamlSequence(Line(start), Column(start), items);
    }

    private YamlMapping ReadMapping(NodeEvent start, int depth)
    {
        var entries = new List<KeyValuePair<YamlScalar, YamlNode>>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var end = 0L;
        var isFlow = start is MappingStart { Style: MappingStyle.Flow };
        for (var at = Next(); at is not MappingEnd; at = Next())
        {
            if (isFlow && entries.Count > 0)
            {
                _subset.CheckBetween(end, at, ',');
            }

            var key = ReadKey(at, lines);
            end = at.End.Index;
            var value = Next();
            if (isFlow && value is not Scalar { Value: "" })
            {
                _subset.CheckBetween(end, value, ':');
            }

            entries.Add(new(key, ReadNode(value, depth + 1)));
            end = _events.Current!.End.Index;
        }

        if (isFlow)
        {
            _subset.CheckComment(_events.Current!.Start.Index + 1);
        }

        // The parser gives no position of the mapping in [key: value].
        var first = start.Start.Index == 0 && depth > 1 && entries.Count > 0 ? entries[0].Key : null;
        return new YamlMapping(first?.Line ?? Line(start), first?.Column ?? Column(start), entries);
    }

    private YamlScalar ReadKey(ParsingEvent at, Dictionary<string, int> lines)
    {
        if (at is NodeEvent node)
        {
            _subset.CheckNode(node, _brackets.Count > 0);
        }

        _subset.CheckKey(at);
        var key = Text((Scalar)at);
        if (!lines.TryAdd(key.Text, key.Line))
        {
            throw Refuse(at, $"The key \"{key.Text}\" stands here a second time; the first is on line {lines[key.Text]}.");
        }

        Count(at, 1);
        return key;
    }

    private YamlNode ReadAlias(AnchorAlias alias, int depth)
    {
        var name = alias.Value.Value;
        if (!_anchors.TryGetValue(name, out var target))
        {
            throw Refuse(alias, $"There is no anchor &{name} above this alias.");
        }

        if (target is null)
        {
            throw Refuse(alias, $"The alias *{name} stands inside its own anchor.");
        }

        if (depth - 1 + target.Depth > MaxDepth)
        {
            throw Refuse(alias, $"The alias *{name} nests deeper than {MaxDepth} levels.");
        }

        Count(alias, target.Size);
        return target;
    }

    private void Count(ParsingEvent at, int nodes)
    {
        _nodes = checked(_nodes + nodes);
        if (_nodes > MaxNodes)
        {
            throw Refuse(at, $"More than {MaxNodes} values, aliases counted as often as they expand.");
        }
    }

    private ParsingEvent Next() =>
        _events.MoveNext() && _events.Current is { } current
            ? current
            : throw new InvalidOperationException("The parser has no more events.");

    private static YamlScalar Text(Scalar scalar) => new(Line(scalar), Column(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain);

    private static int Line(ParsingEvent at) => (int)at.Start.Line;

    private static int Column(ParsingEvent at) => (int)at.Start.Column;

    private static YamlRefusal Refuse(ParsingEvent at, string message) => new(Line(at), Column(at), message);
}
