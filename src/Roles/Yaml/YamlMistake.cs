using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Bridge.Roles.Yaml;

/// <summary>Says in an author's words what YamlDotNet says in a parser's, at the place where it went wrong.</summary>
internal static class YamlMistake
{
    public const string Misplaced = "This line does not belong to what stands above it; check its indentation.";

    private const string SecondColon = "A second colon on one line: put the text in quotes, or write the mapping on the lines below, "
        + "indented.";
    private const string ColonBelow = "This colon stands in a text that began on a line above; put the text in quotes, or indent the "
        + "key like its neighbours.";
    private const string NoDash = "A list with dashes can't begin here; write it on the lines below.";
    private const string NoEscape = "The escape stands for no character.";

    // Words of the library's message, the author's sentence, and whether it belongs where the library stopped or where the
    // value begins. The message is all that the library gives; the tests hold each sentence to a document.
    private static readonly (string Words, string Sentence, bool IsAtEnd)[] Sentences =
    [
        ("directive", YamlSubset.Directive, false),
        ("Mapping keys are not allowed", YamlSubset.NoKey, false),
        ("sequence entr", NoDash, false),
        ("key indicator", NoDash, false),
        ("more than one anchor", "A value has one anchor; remove the second.", false),
        ("expected token", "An alias takes no anchor; remove it.", false),
        ("invalid comment", YamlSubset.NoComment, false),
        ("found a comment", YamlSubset.NoComment, false),
        ("spaces", "The first lines of this text are indented deeper than those below; write the depth behind the sign, such as "
            + "|2.", false),
        ("block scalar", "Behind | or > may stand + or - and a digit; the text begins on the next line.", false),
        ("wrong indentation", "The quoted text that begins here is not closed on its line; add the quote, or indent the lines that it "
            + "goes on over.", false),
        ("end of stream", "The quoted text that begins here is never closed.", false),
        ("document indicator", "The quoted text that begins here is never closed.", false),
        ("unknown escape", "There is no such escape in double quotes; a backslash itself is written \\\\.", true),
        ("hexadecimal", "Behind \\x stand 2 hexadecimal digits, behind \\u 4, behind \\U 8.", true),
        ("surrogates", NoEscape, true),
        ("escape code", NoEscape, true),
    ];

    /// <summary>The refusal for <paramref name="failure"/>.</summary>
    /// <param name="failure">The exception of the library.</param>
    /// <param name="source">The document.</param>
    /// <param name="scanned">Where the scanner stands.</param>
    /// <param name="open">The innermost bracket that is open; null outside of brackets.</param>
    public static YamlRefusal Explain(Exception failure, YamlSource source, Mark scanned, NodeEvent? open)
    {
        var (at, message) = failure switch
        {
            YamlException known => Explain(known, source, scanned.Index, open),
            ArgumentException => (scanned.Index, NoEscape),
            // With no message of its own: the scanner met a text at the left of where the bracket's line begins.
            _ when new InvalidOperationException().Message == failure.Message =>
                (scanned.Index, $"The lines between brackets must be indented deeper than the line where the bracket opens, or "
                    + $"{Close(open)} is missing above."),
            _ => (scanned.Index, Misplaced),
        };
        var (line, column) = source.Place(at);
        return new YamlRefusal(line, column, message);
    }

    private static (long At, string Message) Explain(YamlException failure, YamlSource source, long scanned, NodeEvent? open)
    {
        var at = failure.Start.Index;
        foreach (var (words, sentence, isAtEnd) in Sentences)
        {
            if (Says(failure, words))
            {
                return (isAtEnd ? failure.End.Index : at, sentence);
            }
        }

        return failure switch
        {
            _ when Says(failure, "tab") => Tab(source, scanned),
            _ when Says(failure, "scanning a tag") || Says(failure, "undefined tag") || Says(failure, "end of tag") =>
                (at, YamlSubset.Tag(source, at, "here")),
            _ when Says(failure, "invalid mapping") || Says(failure, "values are not allowed") => (at, Colon(source, at)),
            _ when open is not null && (source.IsEnd(at) || IsDocumentMark(source, at)) =>
                (open.Start.Index, $"The bracket that opens here is never closed; add {Close(open)}."),
            _ when Says(failure, "parsing a flow") => (at, $"A comma or {Close(open)} was expected here."),
            _ when Says(failure, "cannot start") || Says(failure, "node content") || Says(failure, "disallowed") =>
                (at, NoBeginning(source, at)),
            _ => (at, Unexpected(source, at)),
        };
    }

    private static bool Says(YamlException failure, string words) => failure.Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static (long At, string Message) Tab(YamlSource source, long scanned)
    {
        var before = source.Before(scanned);
        var tab = before.IndexOf('\t');
        return (tab < 0 ? scanned : scanned - before.Length + tab, YamlSubset.TabIndent);
    }

    private static string Colon(YamlSource source, long at)
    {
        var before = source.Before(at);
        return before.Contains(": ", StringComparison.Ordinal) || before.StartsWith("---") ? SecondColon : ColonBelow;
    }

    private static string NoBeginning(YamlSource source, long at) => source.At(at) switch
    {
        '-' => NoDash,
        '\0' or '\n' or '\r' => "A value was expected here.",
        var sign => $"Nothing can begin with {sign} here; put a text that does in quotes.",
    };

    // A line, or the rest of one, that fits nothing around it.
    private static string Unexpected(YamlSource source, long at)
    {
        var line = source.After(at);
        if (!source.Before(at).IsWhiteSpace())
        {
            return "Nothing was expected here any more; put the whole text in quotes, or write this on a line of its own.";
        }

        if (line.StartsWith("- ") || line is "-")
        {
            return "A list item stands among keys; check its indentation, write it below its key, or remove the dash.";
        }

        return line.Contains(": ", StringComparison.Ordinal) || line.TrimEnd().EndsWith(':')
            ? Misplaced
            : "A key with a colon was expected here, such as `name: …`; or the line's indentation is wrong.";
    }

    private static bool IsDocumentMark(YamlSource source, long at) =>
        source.Before(at).IsEmpty && source.After(at).TrimEnd() is "---" or "...";

    private static string Close(NodeEvent? open) => open switch { null => "a closing bracket", SequenceStart => "]", _ => "}" };
}
