using System.Diagnostics;
using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>The cost of one call for a host in a process of its own, and that nothing of it stays behind.</summary>
public sealed class ReleaseTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_of_a_young_host_costs_less_than_half_a_core_and_leaves_no_thread_and_no_socket_behind()
    {
        await using var host = await HostProcess.StartAsync(
            Path.Combine(Repository.Root, "tests", "Browser", "roles"), withoutOpus: false, Cancellation);
        await using var browser = await Chromium.OpenAsync(host.Address);
        var idle = host.Resources();
        await CallAsync(browser);
        var before = host.Resources();
        for (var i = 0; i < 5; i++)
        {
            await CallAsync(browser);
        }

        // The pool lets go of threads when it likes; sockets and our own threads have to be gone.
        var after = host.Resources();
        await Calling.UntilAsync(
            () => (after = host.Resources()).Sockets <= before.Sockets && after.OwnThreads <= before.OwnThreads,
            "no more sockets and threads of ours than after one call");
        output.WriteLine($"after one call: {before}; after six: {after}");

        // Young: the runtime still compiles, which is most of this, and a machine that is busy elsewhere makes it dearer. What
        // spins does so in every stretch. What a call costs later is in docs/benchmarks.md.
        await SpeakAsync(browser, TimeSpan.FromSeconds(1));
        var share = 1.0;
        for (var i = 0; i < 3; i++)
        {
            var cpu = host.CpuTime();
            var watch = Stopwatch.StartNew();
            await Task.Delay(2_000, Cancellation);
            share = Math.Min(share, (host.CpuTime() - cpu) / watch.Elapsed);
        }

        output.WriteLine($"CPU share of a core in speech: {share:P1}; {idle} idle, {host.Resources()} in the call");
        await Assertions.Expect(browser.ById("state")).ToHaveTextAsync("speaking", new() { IgnoreCase = true });
        Assert.True(share < 0.5, $"One call took {share:P0} of a core.");
    }

    private static async Task SpeakAsync(Chromium browser, TimeSpan time)
    {
        await browser.Page.GotoAsync("/call/storyteller");
        await browser.ById("start").ClickAsync();
        await browser.StateAsync("speaking");
        await Task.Delay(time, Cancellation);
    }

    private static async Task CallAsync(Chromium browser)
    {
        await browser.Page.GotoAsync("/call/storyteller");
        await browser.ById("start").ClickAsync();
        await browser.StateAsync("speaking");
        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("ended");
    }
}
