using System.Diagnostics;
using Bridge.Tests.Stops;

namespace Bridge.Tests.Cluster;

/// <summary>
/// The bench of the fault tests: real processes and a Redis of their own. Each test tells how many calls went on, how many were lost, and
/// the longest gap.
/// </summary>
public abstract class ClusterFault(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Calls that a fault meets.</summary>
    private protected const int Calls = 4;

    /// <summary>Output of the test.</summary>
    private protected ITestOutputHelper Output => output;

    /// <summary>The nodes and their pages.</summary>
    private protected ClusterBench Bench { get; private set; } = null!;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        Bench = await ClusterBench.OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Bench is not null)
        {
            await Bench.DisposeAsync();
        }
    }

    private protected static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(50, Cancellation);
        }
    }

    private protected async Task<ProgramPage[]> OrderedAsync(Uri host, int calls)
    {
        var pages = new ProgramPage[calls];
        for (var i = 0; i < calls; i++)
        {
            pages[i] = await Bench.CallAsync(host);
        }

        await Task.WhenAll(pages.Select(p => ClusterBench.OrderAsync(p, "One gyoza, please.")));
        return pages;
    }

    /// <summary>The pages come back at a host, all at once; how long after a moment each was greeted.</summary>
    private protected async Task<(ProgramPage[] Back, double[] Gaps)> ComeBackAsync(ProgramPage[] pages, Uri host, long since)
    {
        var gaps = new double[pages.Length];
        var back = await Task.WhenAll(pages.Select(async (page, i) =>
        {
            var returned = await Bench.CallAsync(host, page.ResumeToken);
            gaps[i] = Stopwatch.GetElapsedTime(since).TotalSeconds;
            Assert.Equal(page.CallId, returned.CallId);
            return returned;
        }));
        return (back, gaps);
    }

    private protected async Task FinishAsync(ProgramPage[] pages, string node, int orders = 2)
    {
        await Task.WhenAll(pages.Select(async page =>
        {
            await ClusterBench.OrderAsync(page, "And a last gyoza.");
            await page.HangUpAsync(Cancellation);
        }));
        foreach (var page in pages)
        {
            var (said, notes, _, rings) = await Bench.RecordAsync(node, page.CallId);
            Assert.Equal((orders, orders), (said.Count, said.Distinct().Count()));
            Assert.Equal("And a last gyoza.", said[^1]);

            // The page was asked for each of the model's function calls, and by one id.
            Assert.Equal((orders, orders), (rings, Bench.Rings(page.CallId).Count));
            Output.WriteLine($"{page.CallId}: {said.Count} orders, {rings} RPCs, 0 doubled, {notes} notes in the store of {node}");
        }
    }

    private protected void Report(string fault, ProgramPage[] back, double[] gaps) => Output.WriteLine(
        $"{fault}: {back.Count(p => p.Resumed)} of {back.Length} calls went on, {back.Count(p => !p.Resumed)} lost, "
            + $"longest gap {gaps.Max():F2} s, median {gaps.Order().ElementAt(gaps.Length / 2):F2} s");
}
