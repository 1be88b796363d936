using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Bridge.Metrics;
using Bridge.Telemetry;

namespace Bridge.Tests.Telemetry;

/// <summary>The queries of docs/operation.md name what the host really exports.</summary>
public sealed partial class DashboardTests
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["ms"] = "_milliseconds", ["us"] = "_microseconds", ["By"] = "_bytes", ["min"] = "_minutes", ["s"] = "_seconds", ["1"] = "_ratio",
    };

    private static string Guide => File.ReadAllText(Path.Combine(Repository.Root, "docs", "operation.md"));

    [Fact]
    public async Task Every_metric_of_a_query_is_one_of_the_hosts_by_the_name_that_Prometheus_gives_it()
    {
        HashSet<string> exported = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == BridgeMetrics.MeterName)
            {
                lock (exported)
                {
                    exported.UnionWith(NamesOf(instrument));
                }
            }
        };
        listener.Start();
        await using var host = await RunningHost.StartAsync(
            ("WebHooks:0:Url", "https://hooks.example.org/"), ("WebHooks:0:Secret", "whsec_" + Convert.ToBase64String(new byte[32])));
        var named = Blocks("promql").SelectMany(block => MetricNames().Matches(block)).Select(match => match.Value).ToHashSet();
        Assert.True(named.Count >= 12, string.Join(' ', named));
        lock (exported)
        {
            Assert.Empty(named.Except(exported));
        }
    }

    [Fact]
    public void Every_span_and_attribute_of_a_query_is_one_of_a_calls()
    {
        var names = typeof(SpanNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (string)f.GetRawConstantValue()!).ToHashSet();
        var attributes = Blocks("traceql").SelectMany(block => SpanAttributes().Matches(block))
            .Select(match => match.Groups[1].Value).ToHashSet();
        Assert.True(attributes.Count >= 6, string.Join(' ', attributes));
        Assert.Subset(names, attributes);
        var spans = Blocks("traceql").SelectMany(block => SpanTitles().Matches(block))
            .Select(match => match.Groups[1].Value.Split(' ')[0]).ToHashSet();
        Assert.True(spans.Count >= 4, string.Join(' ', spans));
        Assert.Subset(names, spans);
    }

    private static IEnumerable<string> NamesOf(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        var name = instrument.Name.Replace('.', '_') + (Units.GetValueOrDefault(instrument.Unit ?? "") ?? "");
        return kind.Contains("Histogram", StringComparison.Ordinal) ? [$"{name}_bucket", $"{name}_sum", $"{name}_count"]
            : [kind.Contains("Counter", StringComparison.Ordinal) ? $"{name}_total" : name];
    }

    private static IEnumerable<string> Blocks(string language) =>
        Guide.Split("```").Where((_, i) => i % 2 == 1).Where(block => block.StartsWith(language + "\n", StringComparison.Ordinal));

    [GeneratedRegex(@"\bbridge_\w+")]
    private static partial Regex MetricNames();

    [GeneratedRegex(@"span\.([a-z_.]+)")]
    private static partial Regex SpanAttributes();

    [GeneratedRegex("""name =~? "([^"]+)""")]
    private static partial Regex SpanTitles();
}
