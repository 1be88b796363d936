using System.Globalization;
using Bridge.Cluster.Nodes;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;
using Bridge.Tests.Cluster;

namespace Bridge.Browser.Tests;

/// <summary>A call of a real page moves from node to node while it is held.</summary>
[Collection(nameof(TimedCollection))]
public sealed class MoveTests(RedisServer server, ITestOutputHelper output) : IClassFixture<RedisServer>
{
    // The page's own record: its states, the colours of its lamp, and when its link said what.
    private const string Connect = """
        async role => {
          const { connect } = await import('/sdk/bridge.js');
          const log = (window.log = { states: [], lamp: [], link: [], errors: [] });
          window.call = await connect({
            role,
            tools: { set_lamp: { description: 'Lights the lamp', handler: async ({ colour }) => {
              log.lamp.push(colour);
              await new Promise(done => setTimeout(done, 1000));
              return { lamp: colour };
            } } },
            on: {
              state: e => log.states.push(e.state),
              error: e => log.errors.push(e.code + ' ' + e.message),
              timeline: e => e.lane === 'link' && log.link.push([performance.now(), e.name]),
            },
          });
        }
        """;

    private static bool IsLong => Environment.GetEnvironmentVariable("BRIDGE_LONG") == "1";

    [Fact]
    public async Task A_call_moves_while_its_page_runs_a_function_and_loses_nothing_and_does_nothing_twice()
    {
        using var roles = TestRoles.WithLamp();
        await using var nodes = await TwoHosts.StartAsync(server, roles);
        await using var browser = await OpenAsync(nodes.A, "lamp");
        await browser.Page.BecomesAsync("call.state === 'listening' && call.transcript.length === 1");
        var id = Assert.Single(nodes.A.Calls.Calls).Id;
        await browser.Page.EvaluateAsync("call.sendText('Make it red')");
        await browser.Page.BecomesAsync("log.lamp.length === 1");
        await MoveAsync(nodes.A, id);
        await Calling.UntilAsync(() => nodes.B.Calls.Calls.Any(c => c.Id == id));
        await browser.Page.BecomesAsync("call.transcript.some(i => i.text.includes('The lamp is red now') && i.final)");
        await browser.Page.EvaluateAsync("call.sendText('And blue')");
        await browser.Page.BecomesAsync("call.transcript.some(i => i.text.includes('The lamp is blue now') && i.final)");
        await browser.Page.BecomesAsync("call.state === 'listening'");

        // The page made one connection more, and was never seen without one.
        Assert.Equal(2, await browser.Page.EvaluateAsync<int>("window.__probe.peers.length"));
        await browser.Page.BecomesAsync("window.__probe.peers[0].connectionState === 'closed'");
        var states = await browser.Page.EvaluateAsync<string[]>("log.states");
        Assert.DoesNotContain("reconnecting", states);
        Assert.Single(states, s => s == "connecting");
        Assert.Equal(["red", "blue"], await browser.Page.EvaluateAsync<string[]>("log.lamp"));
        Assert.Empty(await browser.Page.EvaluateAsync<string[]>("log.errors"));

        // And the other node's record has all of it.
        Assert.Empty(nodes.A.Calls.Calls);
        await browser.Page.EvaluateAsync("call.hangup()");
        var log = await LogAsync(nodes.B, id);
        Assert.Equal(["Make it red", "And blue"], Texts(log, ModelItemKind.UserMessage));
        Assert.Equal(
            ["Welcome to the lamp shop.", "Red it is.", "The lamp is red now.", "The lamp is blue now."],
            Texts(log, ModelItemKind.AgentMessage));
        Assert.Equal(2, log.Items.Count(i => i.Kind == ModelItemKind.FunctionCall));
        Assert.Equal(2, log.Items.Count(i => i.Kind == ModelItemKind.FunctionOutput));
        Assert.All(
            log.Items.Where(i => i.Kind == ModelItemKind.AgentMessage),
            i => Assert.True(
                i is { Final: true, Interrupted: false } && i.HeardMilliseconds == i.GeneratedMilliseconds, $"{i.Id} was cut."));
    }

    [Fact]
    public async Task A_call_whose_agent_speaks_on_and_on_moves_after_some_seconds_and_the_sentence_is_gone_on_with()
    {
        var moves = IsLong ? 20 : 2;
        using var roles = TestRoles.WithTeller(string.Join(' ', Enumerable.Repeat("tick tock", 40)));
        await using var nodes = await TwoHosts.StartAsync(server, roles);
        await using var browser = await OpenAsync(nodes.A, "teller");
        await browser.Page.BecomesAsync("call.state === 'speaking'");
        var id = Assert.Single(nodes.A.Calls.Calls).Id;
        var gaps = new List<double>();
        for (var move = 0; move < moves; move++)
        {
            var (from, to) = move % 2 == 0 ? (nodes.A, nodes.B) : (nodes.B, nodes.A);
            await browser.Page.BecomesAsync("call.state === 'speaking'");
            await MoveAsync(from, id);
            await Calling.UntilAsync(() => to.Calls.Calls.Any(c => c.Id == id) && !from.Calls.Calls.Any());
            await browser.Page.BecomesAsync($"log.link.filter(l => l[1] === 'moved').length === {move + 1}");
            await browser.Page.BecomesAsync("performance.now() - log.link.filter(l => l[1] === 'moved').at(-1)[0] > 2500");
            gaps.Add(await browser.Page.EvaluateAsync<double>("""
                () => {
                  const moved = log.link.filter(l => l[1] === 'moved').at(-1)[0];
                  const near = window.__probe.remote.filter(([at]) => at > moved - 1000 && at < moved + 2500);
                  const heard = near.filter(([, level]) => level > 0.005).map(([at]) => at).sort((a, b) => a - b);
                  return heard.reduce((gap, at, i) => Math.max(gap, i ? at - heard[i - 1] : 0), 0);
                }
                """));
        }

        gaps.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{moves} moves in mid-sentence: silence median {gaps[gaps.Count / 2]:F0} ms, "
                + $"p95 {gaps[(int)Math.Ceiling(gaps.Count * 0.95) - 1]:F0} ms, most {gaps[^1]:F0} ms"));
        Assert.Equal(moves + 1, await browser.Page.EvaluateAsync<int>("window.__probe.peers.length"));
        Assert.DoesNotContain("reconnecting", await browser.Page.EvaluateAsync<string[]>("log.states"));
        Assert.Empty(await browser.Page.EvaluateAsync<string[]>("log.errors"));
        await browser.Page.EvaluateAsync("call.hangup()");

        // Each move cut one sentence where it was heard, and another one followed it.
        var log = await LogAsync(moves % 2 == 0 ? nodes.A : nodes.B, id);
        var said = log.Items.Where(i => i.Kind == ModelItemKind.AgentMessage).ToList();
        Assert.True(said.Count >= moves + 1, $"{said.Count} messages after {moves} moves.");
        Assert.All(
            said.Take(moves),
            i => Assert.True(i is { Interrupted: true, HeardMilliseconds: > 500 }, $"{i.Id} was not cut where it was heard."));
    }

    private static async Task<Chromium> OpenAsync(BrowserHost host, string role)
    {
        var browser = await host.OpenQuietAsync();
        await browser.BlankAsync();
        await browser.Page.EvaluateAsync(Connect, role);
        return browser;
    }

    private static async Task MoveAsync(BrowserHost from, string id) =>
        Assert.Equal(MoveOutcome.Begun, await from.Get<NodeCommands>().MoveAsync(id));

    private static async Task<ConversationLog> LogAsync(BrowserHost host, string id)
    {
        ConversationLog? log = null;
        await Calling.UntilAsync(async () =>
            await host.Get<ICallStore>().FindAsync(id, TestContext.Current.CancellationToken) is { Ended: not null, Conversation: { } json }
            && ConversationLog.TryParse(System.Text.Encoding.UTF8.GetBytes(json.GetRawText()), out log));
        return log!;
    }

    private static IEnumerable<string> Texts(ConversationLog log, ModelItemKind kind) =>
        log.Items.Where(i => i.Kind == kind).Select(i => i.Text);

    /// <summary>Two nodes in this process, with one roles folder.</summary>
    private sealed class TwoHosts(BrowserHost a, BrowserHost b) : IAsyncDisposable
    {
        public BrowserHost A => a;

        public BrowserHost B => b;

        public static async Task<TwoHosts> StartAsync(RedisServer server, TestRoles roles)
        {
            Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
            var redis = server.NewDatabase();
            var a = await BrowserHost.StartAsync(("Roles", roles.Path), ("Redis", redis));
            return new TwoHosts(a, await BrowserHost.StartAsync(("Roles", roles.Path), ("Redis", redis)));
        }

        public async ValueTask DisposeAsync()
        {
            await a.DisposeAsync();
            await b.DisposeAsync();
        }
    }
}
