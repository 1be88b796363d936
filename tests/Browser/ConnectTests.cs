using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>The time from the click until audio and data flow; the figures go to the test's output.</summary>
public sealed class ConnectTests(ITestOutputHelper output)
{
    private const int Rounds = 5;

    private const string GatherScript = """
        async () => {
          const peer = new RTCPeerConnection();
          peer.addTransceiver('audio');
          const started = performance.now();
          await peer.setLocalDescription(await peer.createOffer());
          if (peer.iceGatheringState !== 'complete')
            await new Promise(r => peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && r()));
          peer.close();
          return performance.now() - started;
        }
        """;

    [Fact]
    public async Task The_offer_is_described_before_the_click_and_waits_for_no_candidates()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await Chromium.OpenAsync(host.Address);
        var connected = new List<double>();
        var channel = new List<double>();
        var gathered = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            await browser.Page.GotoAsync("/call/demo");
            await browser.Page.WaitForFunctionAsync("() => window.__probe.offers.length > 0");
            Assert.Equal("have-local-offer", await browser.Page.EvaluateAsync<string>("() => __probe.peers[0].signalingState"));
            await browser.ById("start").ClickAsync();
            await browser.Page.WaitForFunctionAsync("() => window.__probe.connectedAt && window.__probe.channelOpenAt");
            var times = await browser.Page.EvaluateAsync<JsonElement>("""
                () => ({ connected: __probe.connectedAt - __probe.answeredAt, channel: __probe.channelOpenAt - __probe.answeredAt,
                         candidates: (__probe.offers[0].match(/a=candidate/g) || []).length })
                """);
            connected.Add(times.GetProperty("connected").GetDouble());
            channel.Add(times.GetProperty("channel").GetDouble());
            Assert.Equal(0, times.GetProperty("candidates").GetInt32());
            await browser.ById("hangup").ClickAsync();
            gathered.Add(await browser.Page.EvaluateAsync<double>(GatherScript));
        }

        output.WriteLine($"answer to connected:    {Spread(connected)}");
        output.WriteLine($"answer to channel open: {Spread(channel)}");
        output.WriteLine($"gathering alone, which an offer that waits would add: {Spread(gathered)}");
    }

    [Fact]
    public async Task A_click_finds_the_way_open_and_needs_one_message()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await Chromium.OpenAsync(host.Address);
        List<string> sockets = [];
        List<string> sent = [];
        ConcurrentDictionary<IWebSocket, bool> answered = [];
        browser.Page.WebSocket += (_, socket) =>
        {
            sockets.Add(socket.Url);
            socket.FrameReceived += (_, _) => answered[socket] = true;
            socket.FrameSent += (_, frame) => sent.Add(frame.Text ?? "");
        };
        string[] steps = ["hub open", "answered", "microphone", "peer connected", "channel open", "ready"];
        var times = steps.ToDictionary(step => step, _ => new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            // The call of the round before may still be writing its recap, and its page may hear of that until it is gone.
            var known = host.Calls.Calls.Select(call => call.Id).ToHashSet();
            var before = answered.Keys.ToHashSet();
            await browser.Page.GotoAsync("/call/demo");
            await Calling.UntilAsync(
                () => Task.FromResult(answered.Keys.Any(socket => !before.Contains(socket) && !socket.IsClosed)), "the way is open");
            Assert.Equal(0, await browser.Page.EvaluateAsync<int>("() => __probe.constraints.length"));
            Assert.DoesNotContain(host.Calls.Calls, call => !known.Contains(call.Id));
            (sent, sockets) = ([], []);
            await browser.ById("start").ClickAsync();
            await browser.Page.WaitForFunctionAsync("() => performance.getEntriesByName('bridge: ready').length");
            Assert.Empty(sockets);
            Assert.Single(sent, text => text.Contains("\"target\":\"Start\"", StringComparison.Ordinal));
            Assert.DoesNotContain(sent, text => text.Contains("\"Join\"", StringComparison.Ordinal));
            foreach (var step in steps)
            {
                times[step].Add(await browser.Page.EvaluateAsync<double>(
                    "name => performance.getEntriesByName('bridge: ' + name)[0]?.duration ?? -1", step));
            }

            await browser.ById("hangup").ClickAsync();
        }

        foreach (var (step, all) in times)
        {
            output.WriteLine($"click to {step}: {Spread(all)}");
        }
    }

    private static string Spread(List<double> values)
    {
        values.Sort();
        return $"median {values[values.Count / 2]:F0} ms ({values[0]:F0} to {values[^1]:F0}, n = {values.Count})";
    }
}
