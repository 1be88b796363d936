namespace Bridge.Tests.Architecture;

/// <summary>Holds the sources to a size that is read at one go: files of 400 lines, lines of 140 characters.</summary>
public sealed class SourceFormTests
{
    private const int MaxLines = 400;
    private const int MaxColumns = 140;

    // A text without white space for so long (a hash, a packet in hex, a regular expression) has no place to be cut at.
    private const int UncutText = 60;

    private static readonly string Here = Path.Combine(Repository.Root, "tests", "Bridge.Tests", "Architecture");

    /// <summary>Files that may be longer, and why.</summary>
    private static readonly Dictionary<string, string> LongFiles = new()
    {
        ["src/Bridge/Tools/ToolDispatcher.cs"] = "One run of a tool from the call to its answer; its targets are files of their own.",
    };

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        var longer = Files("src").Where(file => !LongFiles.ContainsKey(file) && Read(file).Length > MaxLines);
        Assert.Empty(longer.Select(file => $"{file} has {Read(file).Length} lines: cut it along what its parts do."));
    }

    [Fact]
    public void No_line_is_longer_than_140_characters()
    {
        // These files were long before the rule was held; each one that is wrapped leaves the list, and none joins it.
        var waiting = File.ReadAllLines(Path.Combine(Here, "long-lines.txt")).ToHashSet(StringComparer.Ordinal);
        var longer = Files("src", "tests", "benchmarks").Where(file => !waiting.Contains(file)).SelectMany(LongLines);
        Assert.Empty(longer);
    }

    [Theory]
    [InlineData("var a = 1;", 0)]
    [InlineData("{141}", 1)]
    [InlineData("// {word}", 1)]
    [InlineData("yield return \"{hex}\";", 0)]
    [InlineData("[InlineData(\"\"\"{word}\"\"\")]", 0)]
    [InlineData("var a = \"\"\"\n{word}\n\"\"\";", 0)]
    [InlineData("var a = \"\"\"\n{word}\n\"\"\";\n// {word}", 1)]
    public void A_long_line_is_told_from_a_text_that_can_not_be_cut(string source, int expected)
    {
        var text = source.Replace("{141}", string.Concat(Enumerable.Repeat("a + ", 36)), StringComparison.Ordinal)
            .Replace("{word}", string.Concat(Enumerable.Repeat("word ", 30)), StringComparison.Ordinal)
            .Replace("{hex}", new string('f', 150), StringComparison.Ordinal);
        Assert.Equal(expected, LongLines("x", text.Split('\n')).Count());
    }

    private static IEnumerable<string> LongLines(string file) => LongLines(file, Read(file));

    private static IEnumerable<string> LongLines(string file, string[] lines)
    {
        var inText = false;
        for (var i = 0; i < lines.Length; i++)
        {
            // The text of a raw string is what it is: cutting it would change it.
            var quotes = lines[i].Split("\"\"\"").Length - 1;
            var isText = inText || quotes > 0;
            inText ^= quotes % 2 == 1;
            if (!isText && lines[i].Length > MaxColumns && !lines[i].Split(' ').Any(word => word.Length > UncutText))
            {
                yield return $"{file}:{i + 1} has {lines[i].Length} characters: wrap it.";
            }
        }
    }

    private static string[] Read(string file) => File.ReadAllLines(Path.Combine(Repository.Root, file));

    private static IEnumerable<string> Files(params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Where(file => !file.Split('/').Any(part => part is "obj" or "bin" or "node_modules"))
        .Order(StringComparer.Ordinal);
}
