using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Bridge.Roles.Yaml;

/// <summary>
/// Reads one YAML document into a tree that keeps positions. What could blow up is bounded: nesting, nodes, and aliases,
/// which count as often as they expand. Tags, merge keys and further documents are refused.
/// </summary>
internal sealed class YamlReader
{
    public const int MaxDepth = 32;
    public const int MaxNodes = 50_000;

    private readonly Parser _parser;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private YamlReader(string text) => _parser = new Parser(new StringReader(text));

    /// <summary>Reads <paramref name="utf8"/>; an empty document is an empty mapping. On failure <paramref name="error"/> says what and where.</summary>
    public static bool TryRead(string file, ReadOnlySpan<byte> utf8, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out YamlNode? root, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out RoleError? error)
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
        catch (YamlException refused)
        {
            error = new RoleError(file, (int)refused.Start.Line, (int)refused.Start.Column, Sentence(refused));
            return false;
        }
    }

    private YamlNode ReadDocument()
    {
        Next<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            return new YamlMapping(1, 1, []);
        }

        Next<DocumentStart>();
        var root = Read(1);
        Next<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out _))
        {
            throw new YamlException(_parser.Current!.Start, _parser.Current.End, "A second document starts here; a file holds one.");
        }

        return root is YamlScalar { IsNull: true } ? new YamlMapping(root.Line, root.Column, []) : root;
    }

    private T Next<T>()
        where T : ParsingEvent => _parser.Consume<T>();

    private YamlNode Read(int depth)
    {
        _parser.Accept<ParsingEvent>(out var at);
        if (at is null)
        {
            throw new YamlException("The file ends in the middle of a value.");
        }

        if (at is AnchorAlias alias)
        {
            _parser.MoveNext();
            return Expand(alias, depth);
        }

        Count(at, 1);
        if (depth > MaxDepth)
        {
            throw new YamlException(at.Start, at.End, $"Nested deeper than {MaxDepth} levels.");
        }

        var anchor = at is NodeEvent { Anchor.IsEmpty: false } anchored ? anchored.Anchor.Value : null;
        if (at is NodeEvent { Tag.IsEmpty: false } tagged)
        {
            throw new YamlException(at.Start, at.End, $"The tag {tagged.Tag} is not supported; remove it.");
        }

        if (anchor is not null)
        {
            _anchors[anchor] = null;
        }

        YamlNode node = at switch
        {
            Scalar => ReadScalar(Next<Scalar>()),
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            _ => throw new YamlException(at.Start, at.End, "A value was expected here."),
        };
        if (anchor is not null)
        {
            _anchors[anchor] = node;
        }

        return node;
    }

    private YamlNode Expand(AnchorAlias alias, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var target))
        {
            throw new YamlException(alias.Start, alias.End, $"There is no anchor &{alias.Value} above this alias.");
        }

        if (target is null)
        {
            throw new YamlException(alias.Start, alias.End, $"The alias *{alias.Value} stands inside its own anchor.");
        }

        Count(alias, target.Size);
        return depth - 1 + target.Depth > MaxDepth
            ? throw new YamlException(alias.Start, alias.End, $"The alias *{alias.Value} nests deeper than {MaxDepth} levels.")
            : target;
    }

    private void Count(ParsingEvent at, int nodes)
    {
        _nodes = checked(_nodes + nodes);
        if (_nodes > MaxNodes)
        {
            throw new YamlException(at.Start, at.End, $"More than {MaxNodes} values, aliases counted as often as they expand.");
        }
    }

    private static YamlScalar ReadScalar(Scalar scalar) =>
        new((int)scalar.Start.Line, (int)scalar.Start.Column, scalar.Value, scalar.Style == ScalarStyle.Plain);

    private YamlSequence ReadSequence(int depth)
    {
        var start = Next<SequenceStart>().Start;
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Read(depth + 1));
        }

        return new YamlSequence((int)start.Line, (int)start.Column, items);
    }

    private YamlMapping ReadMapping(int depth)
    {
        var start = Next<MappingStart>().Start;
        var entries = new List<KeyValuePair<YamlScalar, YamlNode>>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.Accept<Scalar>(out var name) || !name.Tag.IsEmpty || !name.Anchor.IsEmpty)
            {
                throw new YamlException(_parser.Current!.Start, _parser.Current.End, "A key must be a plain word or a quoted text.");
            }

            Count(name, 1);
            var key = ReadScalar(Next<Scalar>());
            if (key is { Plain: true, Text: "<<" })
            {
                throw new YamlException(name.Start, name.End, "Merge keys (<<) are not supported; repeat the keys.");
            }

            if (!seen.TryAdd(key.Text, key.Line))
            {
                throw new YamlException(name.Start, name.End, $"The key \"{key.Text}\" stands here a second time; the first is on line {seen[key.Text]}.");
            }

            entries.Add(new(key, Read(depth + 1)));
        }

        return new YamlMapping((int)start.Line, (int)start.Column, entries);
    }

    // The library wraps its own messages as "(Line: 1, Col: 2, Idx: 3) - (...): text" in ToString only; Message is the text.
    private static string Sentence(YamlException refused)
    {
        var text = (refused.InnerException is YamlException inner ? inner.Message : refused.Message).Trim();
        return text.EndsWith('.') ? text : text + ".";
    }
}
