using System.Text.Json;

namespace Bridge.Browser.Tests;

/// <summary>A network that blocks UDP: the call runs over TCP on the same port number.</summary>
public sealed class TcpTests
{
    [Fact]
    public async Task A_call_connects_over_TCP_where_UDP_is_blocked()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await Chromium.OpenAsync(host.Address);

        // The page never learns of the UDP candidates.
        await browser.Page.AddInitScriptAsync("""
            const set = RTCPeerConnection.prototype.setRemoteDescription;
            RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
              return set.call(this, { type: answer.type, sdp: answer.sdp.replace(/a=candidate:\S+ 1 udp [^\r]*\r\n/g, '') });
            };
            """);
        await browser.Page.GotoAsync("/call/demo");
        await browser.ById("start").ClickAsync();
        await browser.StateAsync("speaking");
        await Microsoft.Playwright.Assertions.Expect(browser.ById("agent-transcript")).Not.ToBeEmptyAsync();
        var stats = await browser.Page.EvaluateAsync<JsonElement>("() => window.__probe.stats()");
        var transport = stats.EnumerateArray().First(s => s.GetProperty("type").GetString() == "transport");
        var pair = stats.EnumerateArray()
            .Single(s => s.GetProperty("id").GetString() == transport.GetProperty("selectedCandidatePairId").GetString());
        var remote = stats.EnumerateArray()
            .Single(s => s.GetProperty("id").GetString() == pair.GetProperty("remoteCandidateId").GetString());
        Assert.Equal("tcp", remote.GetProperty("protocol").GetString());
        Assert.Equal(host.Media.Port, remote.GetProperty("port").GetInt32());
        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("ended");
        await Calling.UntilAsync(() => host.Media.TcpConnections == 0);
    }
}
