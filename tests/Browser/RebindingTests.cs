using System.Text.Json;

namespace Bridge.Browser.Tests;

/// <summary>
/// The browser's address changes under a call without the browser knowing: a router that was restarted, a carrier's NAT that moved on.
/// </summary>
public sealed class RebindingTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_router_that_forgets_its_mapping_costs_neither_the_call_nor_an_offer()
    {
        await using var host = await BrowserHost.StartAsync();
        using var router = JitterRelay.To(host, TimeSpan.Zero, 1);
        await using var browser = await host.OpenBehindAsync(router);
        await browser.StartAsync("demo");
        var call = Assert.Single(host.Calls.Calls);
        await Calling.UntilAsync(() => call.Media.Peer!.Stats.PacketsReceived > 0);

        // Chromium's next check, at most 2.5 s away, tells the host; until then neither hears the other, and the question waits.
        Assert.True(router.Rebind() > 0);
        var came = call.Media.Peer!.Stats.PacketsReceived;
        var rebound = JitterRelay.Now;
        await browser.WriteAsync("What is a role?");
        await Calling.UntilAsync(() => call.Media.Peer!.Stats.PacketsReceived > came + 25);
        var heard = await HeardAsync(browser);
        output.WriteLine($"half a second of the microphone reached the host within {JitterRelay.Now - rebound:F0} ms");

        // The answer comes back over the data channel and as audio.
        await browser.SeesAsync("stage", "A role is a folder");
        await Calling.UntilAsync(async () => await HeardAsync(browser) > heard + 25);

        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.offers.length"));
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.peers.length"));
        Assert.Same(call, Assert.Single(host.Calls.Calls));
        await browser.HangUpAsync();
    }

    /// <summary>Audio packets that the page has received.</summary>
    private static async Task<int> HeardAsync(Chromium browser)
    {
        var stats = await browser.Page.EvaluateAsync<JsonElement>("() => window.__probe.stats()");
        return stats.EnumerateArray().Single(s => s.GetProperty("type").GetString() == "inbound-rtp").GetProperty("packetsReceived")
            .GetInt32();
    }
}
