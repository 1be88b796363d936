using Bridge.Benchmarks.Load;
using Bridge.Benchmarks.Report;

namespace Bridge.Benchmarks.Tests;

/// <summary><c>load</c>: a run of seconds with real processes. Figures are charted, never asserted; that there are any is.</summary>
public sealed class LoadLabTests
{
    [Fact]
    public async Task Two_callers_load_a_host_by_every_path_and_each_row_says_what_it_cost()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The load lab reads /proc.");
        using StringWriter output = new();
        Assert.Equal(0, await LoadLab.RunAsync(["2", "2", "floor,rtp,call,full"], output));
        string said = output.ToString();
        Assert.Contains("floor, 2 calls: host ", said, StringComparison.Ordinal);
        Assert.Contains(" times the floor (", said, StringComparison.Ordinal);
        Assert.Contains("rtp, 2 calls: host ", said, StringComparison.Ordinal);
        Assert.Contains("call, 2 calls: host ", said, StringComparison.Ordinal);
        Assert.Contains("full, 2 calls: host ", said, StringComparison.Ordinal);
        Assert.Contains("up, caller to model: p50 ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("there and back: p50 NaN", said, StringComparison.Ordinal);
        Assert.DoesNotContain("ear to ear: p50 NaN", said, StringComparison.Ordinal);
        Assert.DoesNotContain("caller to model: p50 NaN", said, StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 down", said, StringComparison.Ordinal);
        Assert.Equal(["load", "load-delay"], BenchPage.Charts("load", said).Select(chart => chart.Name));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("8", "0")]
    [InlineData("8", "5", "video")]
    [InlineData("rise", "5", "floor")]
    public async Task An_unknown_word_is_answered_with_the_usage(params string[] args)
    {
        using StringWriter output = new();
        Assert.Equal(2, await LoadLab.RunAsync(args, output));
        Assert.StartsWith("load [CALLS", output.ToString(), StringComparison.Ordinal);
    }
}
