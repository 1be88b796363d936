using System.Globalization;
using System.Text;
using Bridge.Roles.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Bridge.Roles.Tests;

/// <summary>
/// Trees of our reader and of the library's events as text, so that they can be compared: line, column, style and value of everything.
/// </summary>
internal static class YamlOracle
{
    public static string Ours(string yaml)
    {
        Assert.True(YamlReader.TryRead("f", Encoding.UTF8.GetBytes(yaml), out var root, out var error), $"{error}\n---\n{yaml}");
        return Tree(root, withPlaces: true);
    }

    public static string Tree(YamlNode root, bool withPlaces)
    {
        var text = new StringBuilder();
        Write(text, root, 0, withPlaces);
        return text.ToString();
    }

    /// <summary>Null when the library refuses.</summary>
    public static string? Theirs(string yaml)
    {
        try
        {
            var parser = new Parser(new StringReader(yaml));
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            var text = new StringBuilder();
            Write(text, parser, 0);
            parser.Consume<DocumentEnd>();
            parser.Consume<StreamEnd>();
            return text.ToString();
        }
        catch (YamlException)
        {
            return null;
        }
    }

    private static void Write(StringBuilder text, YamlNode node, int depth, bool withPlaces)
    {
        switch (node)
        {
            case YamlScalar scalar:
                Line(text, depth, withPlaces ? node.Line : 0, node.Column, (scalar.Plain ? "plain " : "quoted ") + scalar.Text);
                break;
            case YamlSequence sequence:
                Line(text, depth, withPlaces ? node.Line : 0, node.Column, "list");
                foreach (var item in sequence.Items)
                {
                    Write(text, item, depth + 1, withPlaces);
                }

                break;
            case YamlMapping mapping:
                Line(text, depth, withPlaces ? node.Line : 0, node.Column, "mapping");
                foreach (var (key, value) in mapping.Entries)
                {
                    Write(text, key, depth + 1, withPlaces);
                    Write(text, value, depth + 1, withPlaces);
                }

                break;
        }
    }

    private static void Write(StringBuilder text, IParser parser, int depth)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            Line(
                text,
                depth,
                scalar.Start.Line,
                scalar.Start.Column,
                (scalar.Style == ScalarStyle.Plain ? "plain " : "quoted ") + scalar.Value);
        }
        else if (parser.TryConsume<SequenceStart>(out var sequence))
        {
            Line(text, depth, sequence.Start.Line, sequence.Start.Column, "list");
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                Write(text, parser, depth + 1);
            }
        }
        else
        {
            var mapping = parser.Consume<MappingStart>();
            Line(text, depth, mapping.Start.Line, mapping.Start.Column, "mapping");
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                Write(text, parser, depth + 1);
            }
        }
    }

    private static void Line(StringBuilder text, int depth, long line, long column, string what)
    {
        text.Append(' ', depth * 2);
        if (line > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line}:{column} ");
        }

        text.Append(what.Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
    }
}
