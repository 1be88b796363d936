using System.Reflection;
using System.Text.RegularExpressions;

namespace Bridge.Tests.Architecture;

/// <summary>Holds the namespaces to their folders, and the folders of the host to an order without cycles.</summary>
public sealed partial class NamespaceArchitectureTests
{
    /// <summary>The folders of all projects in src/.</summary>
    public static TheoryData<string> Rooms => [.. Directory
        .GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .Select(project => Path.GetFileName(Path.GetDirectoryName(project)!))
        .Order(StringComparer.Ordinal)];

    [Fact]
    public void No_namespace_of_the_host_depends_on_itself_by_a_detour()
    {
        var graph = new NamespaceGraph(Assembly.Load("Bridge"), "Bridge");
        Assert.Contains("Bridge.Calls", graph.Namespaces);
        Assert.Contains("Bridge.Transport", graph.Namespaces);
        Assert.Empty(graph.FindCycle());
    }

    [Fact]
    public void A_cycle_that_only_method_bodies_make_is_found()
    {
        var cycle = new NamespaceGraph(typeof(NamespaceGraph).Assembly, typeof(Samples.Egg).Namespace!).FindCycle();
        Assert.Equal(2, cycle.Count);
        Assert.Contains(cycle, edge => edge.Contains("Egg -> Hen", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Namespaces_follow_folders(string room)
    {
        var root = Path.Combine(Repository.Root, "src", room);
        var offenders = Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: Path.GetRelativePath(root, file).Replace('\\', '/'), Text: File.ReadAllText(file)))
            .Where(f => !f.File.StartsWith("obj/", StringComparison.Ordinal) && !f.File.StartsWith("bin/", StringComparison.Ordinal))
            .Select(f => (f.File, Declared: Declared(f.Text), Expected: Expected(room, f.File)))
            .Where(f => f.Declared is not null && f.Declared != f.Expected)
            .Select(f => $"{f.File} is in {f.Declared}, its folder is {f.Expected}");
        Assert.Empty(offenders);
    }

    private static string? Declared(string text) => Declaration().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    private static string Expected(string room, string file)
    {
        var folder = Path.GetDirectoryName(file)!.Replace('/', '.').Replace('\\', '.');
        var project = room == "Bridge" || room.StartsWith("Bridge.", StringComparison.Ordinal) ? room : $"Bridge.{room}";
        return folder.Length == 0 ? project : $"{project}.{folder}";
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
