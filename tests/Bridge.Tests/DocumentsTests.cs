using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Bridge.Tests;

/// <summary>The documents point at what is there, and give every dependency its reason.</summary>
public sealed partial class DocumentsTests
{
    private static readonly string[] Foreign = ["node_modules", "bin", "obj", ".git", "dist", "artifacts"];

    [Fact]
    public void Every_link_between_documents_leads_to_a_file_and_a_heading_of_it()
    {
        var dead = new List<string>();
        foreach (var document in Files("*.md"))
        {
            foreach (var target in Links().Matches(File.ReadAllText(document)).Select(m => m.Groups[1].Value))
            {
                if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                {
                    continue;
                }

                var (path, anchor) = target.Split('#') is [var p, var a] ? (p, a) : (target, null);
                var file = path.Length == 0 ? document : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, path));
                if (!Path.Exists(file) || (anchor is not null && !Headings(file).Contains(anchor)))
                {
                    dead.Add($"{Path.GetRelativePath(Repository.Root, document)}: {target}");
                }
            }
        }

        Assert.Empty(dead);
    }

    [Fact]
    public void Every_dependency_has_its_reason_among_the_decisions()
    {
        var reasons = File.ReadAllText(Path.Combine(Repository.Root, "docs", "decisions", "README.md"));
        var packages = Files("*.csproj")
            .SelectMany(project => XDocument.Load(project).Descendants("PackageReference").Select(r => (string)r.Attribute("Include")!))
            .Concat(Files("package.json").SelectMany(NpmPackages))
            .Distinct();
        Assert.All(packages, package => Assert.Contains(package, reasons, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_test_that_a_map_of_promises_names_exists()
    {
        var sources = string.Concat(
            Files("*.cs").Where(f => f.Contains("Tests", StringComparison.Ordinal) || f.Contains("Browser", StringComparison.Ordinal))
                .Select(File.ReadAllText));
        foreach (var map in Files("README.md").Where(f => f.StartsWith(Path.Combine(Repository.Root, "tests"), StringComparison.Ordinal)))
        {
            foreach (var name in TestNames().Matches(File.ReadAllText(map)).Select(m => m.Groups[1].Value))
            {
                Assert.Contains(name, sources, StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<string> NpmPackages(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return [.. new[] { "dependencies", "devDependencies" }
            .Where(kind => json.RootElement.TryGetProperty(kind, out _))
            .SelectMany(kind => json.RootElement.GetProperty(kind).EnumerateObject().Select(p => p.Name))];
    }

    private static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Repository.Root, pattern, SearchOption.AllDirectories)
        .Where(f => !Path.GetRelativePath(Repository.Root, f).Split(Path.DirectorySeparatorChar).Intersect(Foreign).Any());

    /// <summary>The anchors of a document's headings, as hosts of Markdown make them.</summary>
    private static HashSet<string> Headings(string file) =>
        [.. HeadingLines().Matches(File.ReadAllText(file)).Select(m =>
            Punctuation().Replace(m.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"^#+ +(.*?)\s*$", RegexOptions.Multiline)]
    private static partial Regex HeadingLines();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"`(?:\w+)?\.?([A-Z][a-z]+_[A-Za-z_0-9]+|\w+Tests)\b")]
    private static partial Regex TestNames();
}
