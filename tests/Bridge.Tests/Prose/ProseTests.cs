using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Bridge.Tests.Prose;

/// <summary>Holds comments, documents and subjects of commits to the plain words of the style.</summary>
public sealed partial class ProseTests
{
    private const int MaxWords = 35;
    private const int MaxSubject = 72;

    [Fact]
    public void No_comment_begins_with_a_What_Who_Whoever_or_One_that_has_no_noun()
    {
        var headless = Files("src", "*.cs").Concat(Files("src", "*.ts")).Concat(Files("benchmarks", "*.cs"))
            .SelectMany(file => Headless(Text(file)).Select(line => $"{file}: {line}"));
        Assert.Empty(headless);
    }

    [Fact]
    public void No_doc_comment_of_the_tests_does_either()
    {
        var headless = Files("tests", "*.cs").Where(file => !file.EndsWith("ProseTests.cs", StringComparison.Ordinal))
            .SelectMany(file => Headless(Text(file)).Where(IsDoc).Select(line => $"{file}: {line}"));
        Assert.Empty(headless);
    }

    [Fact]
    public void No_sentence_of_the_documents_does_either() => Assert.Empty(Documents()
        .SelectMany(file => Sentences(Text(file)).Where(IsHeadless).Select(sentence => $"{file}: {sentence}")));

    [Theory]
    [InlineData("/// <summary>What a peer is made of.</summary>", 1)]
    [InlineData("/// <summary>\n/// Whoever holds it owns it.\n/// </summary>", 1)]
    [InlineData("/// <param name=\"by\">Who answers.</param>", 1)]
    [InlineData("/** What the call is doing. */", 1)]
    [InlineData("/// <summary>Tells what a peer is made of.</summary>", 0)]
    [InlineData("/// <summary>\n/// A peer, and\n/// what it is made of.\n/// </summary>", 0)]
    [InlineData("/// <summary>\n/// A peer. What it is made of is another matter.\n/// </summary>", 1)]
    [InlineData("// What a remark says is its own business.", 1)]
    [InlineData("var a = 1; // Whoever reads it", 1)]
    [InlineData("// What is it made of?", 0)]
    [InlineData("// A peer, and what it is made of.", 0)]
    [InlineData("/// One that stands still.", 1)]
    public void A_headless_comment_is_told_from_others(string source, int expected) => Assert.Equal(expected, Headless(source).Count());

    [Theory]
    [InlineData("What a peer is made of is another matter.", true)]
    [InlineData("One that has ended.", true)]
    [InlineData("**What would change it.**", false)]
    [InlineData("What is a peer?", false)]
    [InlineData("One packet.", false)]
    public void A_headless_sentence_is_told_from_others(string sentence, bool expected) => Assert.Equal(expected, IsHeadless(sentence));

    [Fact]
    public void No_sentence_of_the_documents_is_longer_than_35_words()
    {
        var longer = Documents()
            .SelectMany(file => Sentences(Text(file)).Where(sentence => Words(sentence) > MaxWords).Select(words => $"{file}: {words}"))
            .ToList();
        Assert.True(longer.Count == 0, string.Join('\n', longer));
    }

    [Theory]
    [InlineData("One two three. Four five.", 3)]
    [InlineData("# A heading\nOne two\nthree four.", 4)]
    [InlineData("- One two.\n- Three four five", 3)]
    [InlineData("| one two | three |", 2)]
    [InlineData("One `two three four` [five](six/seven.md) e.g. nothing", 6)]
    [InlineData("```\none two three four five\n```\nOne.", 1)]
    public void Words_of_the_longest_sentence_are_counted(string markdown, int expected) =>
        Assert.Equal(expected, Sentences(markdown).Max(Words));

    [Fact]
    public void The_glossary_has_each_word_once_in_alphabetical_order()
    {
        var words = Text("docs/glossary.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
            .Select(line => line.Split('|')[1].Trim().ToLowerInvariant()).ToList();
        Assert.Equal(words.Distinct().Order(StringComparer.Ordinal), words);
    }

    [Fact]
    public void Every_class_with_tests_is_named_Tests_as_is_its_file()
    {
        var others = Files("tests", "*.cs").Where(file => !file.EndsWith("Tests.cs", StringComparison.Ordinal)
            && Text(file).Split('\n').Any(line => line.Trim() is "[Fact]" or "[Theory]"));
        Assert.Empty(others);
    }

    [Fact]
    public async Task Subjects_of_new_commits_are_at_most_72_characters_long()
    {
        // .ci/run names the commit that was landed last; by hand it is the one that this rule came with.
        var from = Environment.GetEnvironmentVariable("BRIDGE_SUBJECTS_FROM");
        if (string.IsNullOrEmpty(from))
        {
            Assert.Skip("BRIDGE_SUBJECTS_FROM names no commit; .ci/run sets it.");
        }

        var start = new ProcessStartInfo("git", ["log", "--format=%s", $"{from}..HEAD"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Repository.Root,
        };
        using var git = Process.Start(start)!;
        var subjects = await git.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, git.ExitCode);
        Assert.DoesNotContain(subjects.Split('\n'), subject => subject.Length > MaxSubject);
    }

    [Fact]
    public void Every_decision_has_a_status_a_date_and_what_would_change_it_and_is_so_in_the_index()
    {
        var index = Text("docs/decisions/README.md");
        foreach (var file in Files("docs/decisions", "0*.md"))
        {
            var text = Text(file);
            var head = Head().Match(text);
            Assert.True(head.Success, $"{file} begins with its title and \"Status: WORD, DATE.\".");
            Assert.Contains("**What would change it.** ", text, StringComparison.Ordinal);
            var name = Path.GetFileName(file);
            var row = $"| [{name[..4]}]({name}) | {head.Groups[1].Value} | {head.Groups[2].Value} | {head.Groups[3].Value} |";
            Assert.Contains(row, index, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Documents() => Files("docs", "*.md").Concat(Files("src", "README.md"))
        .Concat(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "tests/README.md"]);

    /// <summary>The lines of a source in which a comment's sentence begins so.</summary>
    private static IEnumerable<string> Headless(string source) =>
        source.Split('\n').Where(line => HeadlessComment().IsMatch(line)).Select(line => line.Trim());

    private static bool IsDoc(string line) => line.StartsWith("///", StringComparison.Ordinal);

    private static bool IsHeadless(string sentence) => HeadlessSentence().IsMatch(sentence.Trim());

    /// <summary>Sentences of prose: without code, and each item and cell for itself.</summary>
    private static IEnumerable<string> Sentences(string markdown)
    {
        var prose = Indented().Replace(Fenced().Replace(markdown, "\n\n"), "\n\n");
        prose = Heading().Replace(prose, "\n\n");
        prose = Item().Replace(prose, "\n\n");
        prose = prose.Replace("|", "\n\n", StringComparison.Ordinal);
        prose = InlineCode().Replace(prose, "Code");
        prose = Link().Replace(prose, "$1");
        return Block().Split(prose).SelectMany(block => SentenceEnd().Split(block.ReplaceLineEndings(" ")));
    }

    private static int Words(string sentence) => Word().Count(sentence);

    private static string Text(string file) => File.ReadAllText(Path.Combine(Repository.Root, file)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Files(string folder, string pattern) => Directory
        .EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Where(file => !file.Split('/').Any(part => part is "obj" or "bin" or "node_modules" or "dist"))
        .Order(StringComparer.Ordinal);

    // Behind the sign of a comment, a tag, or the end of a sentence; a question keeps its word.
    [GeneratedRegex("""(?:///?|/\*\*|^\s*\*)(?:\s*<[^>]*>|.*[.;:])?\s*(?:(?:What|Who|Whoever|Whatever)\s[^?]*|One (?:that|who)\s.*)$""")]
    private static partial Regex HeadlessComment();

    [GeneratedRegex(@"^\**(?:(?:What|Who|Whoever|Whatever)\s(?!would change it)[^?]*|One (?:that|who)\s.*)$", RegexOptions.Singleline)]
    private static partial Regex HeadlessSentence();

    [GeneratedRegex(@"^# \d{4}: (.+)\n\nStatus: ([a-z]+), (\d{4}-\d{2}-\d{2})\.")]
    private static partial Regex Head();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"(?<=^\s*\n)(?: {4,}\S.*\n)+", RegexOptions.Multiline)]
    private static partial Regex Indented();

    [GeneratedRegex("^#.*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\s*(?:[-*]|\d+\.)\s+", RegexOptions.Multiline)]
    private static partial Regex Item();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\n\s*\n")]
    private static partial Regex Block();

    [GeneratedRegex(@"(?<=[.!?][)""*]*)\s+(?=[^a-z])")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"[\w’'-]+")]
    private static partial Regex Word();
}
