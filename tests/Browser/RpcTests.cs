using System.Diagnostics;
using System.Text.Json;
using Bridge.Rehearsal;
using Bridge.RehearsalHosting;
using Bridge.Rpc;
using Microsoft.Playwright;

namespace Bridge.Browser.Tests;

/// <summary>The RPC through a real data channel: functions of a page in Chromium, called as the model's tools are.</summary>
public sealed class RpcTests(ITestOutputHelper output)
{
    // Both sides compile what runs often; the host's runtime looks for that after 30 calls and again later.
    private const int WarmUp = 300;
    private const int Measured = 500;
    private static readonly RpcRequestOptions Patient = new()
    {
        AckDeadline = TimeSpan.FromSeconds(30), ResponseDeadline = TimeSpan.FromSeconds(30),
    };

    [Fact]
    public async Task Calls_of_a_page_function_go_there_and_back_one_by_one_and_a_thousand_at_once()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await Chromium.OpenAsync(host.Address);
        var rpc = await ConnectAsync(host, browser);

        await browser.Page.BecomesAsync("call.state === 'listening'");
        var text = new string('x', 1_000);
        var times = new List<double>();
        for (var i = 0; i < WarmUp + Measured; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var answer = await CallAsync(rpc, "one_" + i, "echo", new { text });
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Assert.Equal(text, answer.GetProperty("text").GetString());
        }

        times.RemoveRange(0, WarmUp);
        times.Sort();
        output.WriteLine(
            $"1 kB there and back, one by one: p50 {times[times.Count / 2]:0.00} ms, p99 {times[times.Count * 99 / 100]:0.00} ms, worst "
                + $"{times[^1]:0.00} ms");

        var began = Stopwatch.GetTimestamp();
        var calls = Enumerable.Range(0, 1_000).Select(i => CallAsync(rpc, "many_" + i, "echo", new { i })).ToArray();
        output.WriteLine($"{rpc.Stats.PendingRequests} in flight");
        var answers = await Task.WhenAll(calls);
        output.WriteLine($"1,000 at once: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        Assert.All(answers.Index(), answer => Assert.Equal(answer.Index, answer.Item.GetProperty("i").GetInt32()));
        Assert.Equal(WarmUp + Measured + 1_000, await browser.Page.EvaluateAsync<int>("window.echoes"));
    }

    [Fact]
    public async Task Ten_megabytes_move_while_the_agent_speaks()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("RehearsalVoice", "timecode"));
        await using var browser = await Chromium.OpenAsync(host.Address);
        var rpc = await ConnectAsync(host, browser);
        host.Get<RehearsalHost>().Server.Faults = new RehearsalFaults { DeltaPace = 4 }; // ahead of the ear, as the real service is
        var before = await InboundAudioAsync(browser);
        using var pace = AudioPace.Watch(host, Assert.Single(host.Calls.Calls));
        await browser.Page.EvaluateAsync("call.sendText('Tell me a story')");
        await Calling.UntilAsync(() => pace.Sent >= 25);
        pace.SpeaksFromHere();
        var began = Stopwatch.GetTimestamp();
        var text = new string('x', 250_000);
        var answers = await Task.WhenAll(Enumerable.Range(0, 42).Select(i => CallAsync(rpc, "large_" + i, "length", new { text })));
        var took = Stopwatch.GetElapsedTime(began);
        pace.Judge(output);
        Assert.All(answers, answer => Assert.Equal(text.Length, answer.GetInt32()));
        Assert.Equal(0, rpc.Stats.QueuedBytes);
        Assert.Equal("speaking", await browser.Page.EvaluateAsync<string>("call.state"));

        // What of it arrived is the browser's affair: one that gets no processor drops what it can't read in time.
        var after = await InboundAudioAsync(browser);
        output.WriteLine(
            $"10.5 MB in {took.TotalMilliseconds:0} ms; the page received {after.Packets - before.Packets} packets, "
                + $"{after.Lost - before.Lost} lost");
    }

    [Fact]
    public async Task Calls_outlive_closed_channels_and_a_reload_and_none_runs_twice()
    {
        const int Calls = 120;
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await Chromium.OpenAsync(host.Address);
        await browser.Page.RouteAsync("**/blank.html", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "text/html",
            Body = """
                <!doctype html><title>RPC</title><script type="module">
                  import { connect } from '/sdk/bridge.js';
                  const count = async ({ n }) => {
                    localStorage.setItem('run' + n, Number(localStorage.getItem('run' + n)) + 1);
                    await new Promise(done => setTimeout(done, n % 3 * 15));
                    return n;
                  };
                  window.call = await connect({ role: 'lamp', audio: false, tools: { set_lamp: { handler: () => null }, count: { handler: count } } });
                </script>
                """,
        }));
        await browser.Page.GotoAsync("/blank.html");
        const string Ready = "window.call && (call.state === 'listening' || call.state === 'speaking')";
        await browser.Page.BecomesAsync(Ready);
        var rpc = Assert.Single(host.Calls.Calls).Rpc;

        var calls = new List<Task<JsonElement>>();
        for (var n = 0; n < Calls; n++)
        {
            calls.Add(CallAsync(rpc, "call_" + n, "count", new { n }));
            switch (n)
            {
                case 20 or 95:
                    await browser.Page.EvaluateAsync("window.__probe.channels.at(-1).close()");
                    break;
                case 60:
                    await browser.Page.ReloadAsync();
                    break;
                case 50 or 90:
                    await browser.Page.BecomesAsync(Ready);
                    await Task.WhenAny(calls[^1], Task.Delay(20_000, TestContext.Current.CancellationToken));
                    break;
            }
        }

        await browser.Page.BecomesAsync(Ready);
        var interrupted = 0;
        for (var n = 0; n < Calls; n++)
        {
            var runs = await browser.Page.EvaluateAsync<int>($"Number(localStorage.getItem('run{n}'))");
            try
            {
                Assert.Equal(n, (await calls[n]).GetInt32());
                Assert.Equal(1, runs);
            }
            catch (RpcException failure) when (failure.Code == RpcErrorCode.Duplicate)
            {
                // It ran when the page was reloaded: the one thing that nobody can know.
                interrupted++;
                Assert.Equal("interrupted", failure.ErrorData.GetProperty("reason").GetString());
                Assert.Equal(1, runs);
            }
        }

        output.WriteLine($"{Calls} calls, {rpc.Stats.Resent} asked again, {interrupted} interrupted by the reload");
        Assert.InRange(interrupted, 0, 15);
        Assert.InRange(rpc.Stats.Resent, 1, Calls);
    }

    private static async Task<(int Packets, int Lost)> InboundAudioAsync(Chromium browser)
    {
        var stats = await browser.Page.EvaluateAsync<JsonElement>("() => window.__probe.stats()");
        var audio = stats.EnumerateArray().SingleOrDefault(s => s.GetProperty("type").GetString() == "inbound-rtp");
        return audio.ValueKind == JsonValueKind.Undefined
            ? default
            : (audio.GetProperty("packetsReceived").GetInt32(), audio.GetProperty("packetsLost").GetInt32());
    }

    private static async Task<RpcPeer> ConnectAsync(BrowserHost host, Chromium browser)
    {
        await browser.Page.RouteAsync(
            "**/blank.html",
            route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = "<!doctype html><title>RPC</title>" }));
        await browser.Page.GotoAsync("/blank.html");
        await browser.Page.EvaluateAsync("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              window.echoes = 0;
              window.call = await connect({
                role: 'lamp',
                audio: false, // the fake microphone's beeps would interrupt the agent
                tools: {
                  set_lamp: { description: 'Lights the lamp', handler: () => null },
                  echo: { description: 'Says it again', handler: (given) => (window.echoes++, given) },
                  length: { description: 'Measures', handler: ({ text }) => text.length },
                },
              });
            }
            """);
        await browser.Page.BecomesAsync("call.state === 'listening' || call.state === 'speaking'");
        return Assert.Single(host.Calls.Calls).Rpc;
    }

    private static Task<JsonElement> CallAsync(RpcPeer rpc, string callId, string name, object arguments) =>
        rpc.RequestAsync("tool/call", new { name, arguments }, Patient with { CallId = callId }, TestContext.Current.CancellationToken);
}
