using System.Text.RegularExpressions;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal.Tests;

namespace Bridge.Realtime.Tests.OpenAi;

/// <summary>The default names are among those that the newest <c>openai</c> package has for them.</summary>
public sealed partial class PublishedNamesTests
{
    private static readonly string Types = Path.Combine(
        Vectors.Root, "tests", "Rehearsal.Tests", "peers", "node_modules", "openai", "resources", "realtime", "realtime.d.ts");

    public static TheoryData<string, string> Defaults => new()
    {
        { "'gpt-realtime-2'", new ModelEndpoint().Model },
        { "'gpt-realtime-whisper'", ServerProfile.OpenAiTranscription },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public void A_default_name_is_a_published_one_of_today(string beside, string name)
    {
        Assert.SkipUnless(File.Exists(Types), "tests/Rehearsal.Tests/peers has no node_modules: run npm ci there (./test.sh does).");
        var lists = NameLists().Matches(File.ReadAllText(Types))
            .Where(list => list.Value.Contains(beside, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(lists);
        Assert.All(lists, list => Assert.Contains($"'{name}'", list.Value, StringComparison.Ordinal));

        // "Deprecated values" stand in the comment above the list, with the day on which they end.
        Assert.All(lists, list => Assert.DoesNotContain($"\"{name}\"", list.Groups["comment"].Value, StringComparison.Ordinal));
    }

    // A comment, and the union of names that follows it.
    [GeneratedRegex(@"/\*\*(?<comment>(?:(?!\*/)[\s\S])*)\*/\s*model\?: \(string & \{\}\) \|[^;]*;")]
    private static partial Regex NameLists();
}
