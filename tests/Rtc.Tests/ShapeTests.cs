using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Bridge.Rtc.Sctp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests;

/// <summary>A class owns its state: style rule 14.</summary>
public sealed class ShapeTests
{
    private const int MaxMutableFields = 15;

    // Counters that nothing decides by.
    private static readonly Type[] Counters = [typeof(RtcStats), typeof(SctpStats)];

    [Fact]
    public void No_class_has_more_than_fifteen_mutable_fields()
    {
        string[] offenders = [.. typeof(RtcPeer).Assembly.GetTypes()
            .Where(t => t.IsClass && !t.IsDefined(typeof(CompilerGeneratedAttribute)) && !Counters.Contains(t))
            .Select(
                t =>
                    (t.Name, Count: t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
                        | BindingFlags.DeclaredOnly).Count(f => !f.IsInitOnly)))
            .Where(t => t.Count > MaxMutableFields)
            .Select(t => $"{t.Name}: {t.Count}")];
        Assert.Empty(offenders);
    }

    [Fact]
    public void No_class_is_partial()
    {
        var partial = new Regex(@"\bpartial\s+(class|struct|record|interface)\b");
        string[] offenders = [.. Directory.GetFiles(Path.Combine(Repository.Root, "src", "Rtc"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(f => partial.IsMatch(File.ReadAllText(f)))];
        Assert.Empty(offenders);
    }
}
