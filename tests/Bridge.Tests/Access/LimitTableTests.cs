using System.Globalization;
using System.Text.RegularExpressions;
using Bridge.Configuration;

namespace Bridge.Tests.Access;

/// <summary>Every limit stands in docs/access.md with its default and its reason, and no other.</summary>
public sealed partial class LimitTableTests
{
    private const int ShortestReason = 10;

    [Fact]
    public void The_table_has_every_limit_with_its_default_and_a_reason()
    {
        var table = Rows().ToDictionary(row => row.Keys, StringComparer.Ordinal);
        var limits = new LimitOptions();
        var expected = typeof(LimitOptions).GetProperties().Where(p => p.CanWrite)
            .ToDictionary(p => p.Name, p => Convert.ToString(p.GetValue(limits), CultureInfo.InvariantCulture)!, StringComparer.Ordinal);
        expected["Bridge:MaxCalls"] = new BridgeOptions().MaxCalls.ToString(CultureInfo.InvariantCulture);
        foreach (var (keys, defaults, what, why) in table.Values)
        {
            var names = keys.Split(", ").Select(key => key.Trim('`')).ToArray();
            var values = defaults.Split(", ");
            Assert.Equal(names.Length, values.Length);
            for (var i = 0; i < names.Length; i++)
            {
                Assert.True(expected.Remove(names[i], out var value), $"{names[i]} is no limit of this host.");
                Assert.Equal(value, values[i]);
            }

            Assert.True(what.Length >= ShortestReason && why.Length >= ShortestReason, $"{keys} has no reason.");
        }

        Assert.Empty(expected.Keys);
    }

    private static IEnumerable<(string Keys, string Defaults, string What, string Why)> Rows()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "access.md"));
        var section = text[text.IndexOf("\n## Limits", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 1, StringComparison.Ordinal)];
        return Row().Matches(section).Where(m => m.Groups[1].Value.StartsWith('`'))
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value, m.Groups[4].Value));
    }

    [GeneratedRegex(@"^\| (.+?) \| (.+?) \| (.+?) \| (.*?) ?\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
