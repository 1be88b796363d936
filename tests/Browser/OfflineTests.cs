using Bridge.Rehearsal;
using Bridge.RehearsalHosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>A browser without a network, at every moment of a conversation: the same call goes on when it has one again.</summary>
public sealed class OfflineTests
{
    // The page's WebSockets and data channels can be lost and refused at the test's word.
    private const string Wire = """
        (() => {
          const wire = (window.__wire = { sockets: [], channels: [], refuse: 0, refused: 0, silent: 0 });
          const Real = WebSocket;
          window.WebSocket = class extends Real {
            constructor(url, ...rest) {
              // There is no hub at that path: the browser says so as it does of a server that is away.
              const away = wire.refuse > 0 && /\/signal/.test(url);
              if (away) wire.refuse--, wire.refused++;
              super(away ? `${url}-that-is-away` : url, ...rest);
              if (!/\/signal/.test(url)) return;
              wire.sockets.push(this);
              // A path that loses what the hub says: the page's own listener comes after this one.
              if (wire.silent > 0 && !away) wire.silent--, this.addEventListener('message', event => event.stopImmediatePropagation());
            }
          };
          const create = RTCPeerConnection.prototype.createDataChannel;
          RTCPeerConnection.prototype.createDataChannel = function (...a) {
            const channel = create.apply(this, a);
            wire.channels.push(channel);
            // An answer to page/hello is handed on late, as it is when the host's notifications overtake it.
            channel.addEventListener('message', event => {
              if (!wire.holdHello || !String(event.data).includes('"refusedTools"')) return;
              event.stopImmediatePropagation();
              wire.holdHello = false;
              wire.hello = () => channel.dispatchEvent(new MessageEvent('message', { data: event.data }));
            });
            return channel;
          };
          const word = () => document.querySelector('[data-testid=state]')?.dataset.state;
          window.__states = [];
          setInterval(() => word() !== window.__states.at(-1) && window.__states.push(word()), 10);
        })()
        """;

    [Fact]
    public async Task The_same_call_goes_on_from_thinking_from_a_function_twice_and_with_a_hub_that_is_away()
    {
        using var roles = WithWorker();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync(Wire);
        var faults = host.Get<RehearsalHost>().Server;
        await browser.StartAsync("worker", start: "start-text");
        await browser.StateAsync("listening");
        var call = Assert.Single(host.Calls.Calls);

        // While the model thinks: what it says is heard afterwards.
        faults.Faults = new RehearsalFaults { ThinkSeconds = 2 };
        await browser.WriteAsync("Are you there?");
        await browser.StateAsync("thinking");
        await LoseAsync(browser);
        await FindAsync(browser);
        await browser.SeesAsync("agent-transcript", "I am here.");
        await browser.StateAsync("listening");

        // While a function of the page runs: it runs once, and its result is told.
        faults.Faults = RehearsalFaults.None;
        await browser.WriteAsync("Please work");
        await browser.Page.BecomesAsync("window.__runs === 1");
        await LoseAsync(browser);
        await browser.Page.EvaluateAsync("window.__finish()");
        await FindAsync(browser);
        await browser.SeesAsync("agent-transcript", "The work is done.");
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__runs"));
        await browser.StateAsync("listening");

        // Again as soon as it is back.
        for (var times = 0; times < 2; times++)
        {
            await LoseAsync(browser);
            await FindAsync(browser);
        }

        // In the middle of a sentence that is interrupted.
        await browser.WriteAsync("Tell me a story");
        await browser.StateAsync("speaking");
        await browser.ById("interrupt").ClickAsync();
        await browser.StateAsync("listening");
        await LoseAsync(browser);
        await FindAsync(browser);
        await browser.StateAsync("listening");

        // The hub opens and nothing of what it says arrives; then no WebSocket reaches it, and long polling does.
        const string WithoutHub =
            "new Promise(done => { window.__states.length = 0; __wire.sockets.at(-1).addEventListener('close', () => { "
                + "__wire.channels.at(-1).close(); done(); }); __wire.sockets.at(-1).close(); })";
        await browser.Page.EvaluateAsync($"() => {{ __wire.silent = 1; return {WithoutHub}; }}");
        await browser.Page.BecomesAsync("window.__states.includes('reconnecting')");
        await FindAsync(browser);
        Assert.Equal(0, await browser.Page.EvaluateAsync<int>("__wire.silent"));
        await browser.Page.EvaluateAsync($"() => {{ __wire.refuse = 2; return {WithoutHub}; }}");
        await browser.Page.BecomesAsync("window.__states.includes('reconnecting')");
        await FindAsync(browser);
        Assert.Equal(2, await browser.Page.EvaluateAsync<int>("__wire.refused"));

        await browser.WriteAsync("Are you there?");
        await browser.Page.BecomesAsync("document.querySelector('[data-testid=agent-transcript]').textContent.includes('I am here.')");
        Assert.Same(call, Assert.Single(host.Calls.Calls));
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task An_outage_that_is_over_before_it_is_noticed_is_never_shown()
    {
        await using var host = await BrowserHost.StartAsync();
        using var cable = JitterRelay.To(host, TimeSpan.Zero, 1);
        await using var browser = await host.OpenBehindAsync(cable);
        await browser.Page.AddInitScriptAsync(Wire);
        await browser.StartAsync("demo", start: "start-text");
        var call = Assert.Single(host.Calls.Calls);
        await browser.Page.EvaluateAsync("window.__states.length = 0");
        cable.Cut = true;
        await browser.Page.Context.SetOfflineAsync(true);
        await browser.Page.BecomesAsync("!navigator.onLine");
        await Task.Delay(1_000, TestContext.Current.CancellationToken);
        cable.Cut = false;
        await browser.Page.Context.SetOfflineAsync(false);

        // The network that is there again may be another one.
        await browser.Page.BecomesAsync("window.__probe.offers.length === 2 && window.__probe.peers[0].signalingState === 'stable'");
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        Assert.DoesNotContain("reconnecting", await browser.Page.EvaluateAsync<string[]>("window.__states"));
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.peers.length"));
        Assert.Same(call, Assert.Single(host.Calls.Calls));
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task An_answer_that_the_hosts_news_overtook_takes_nothing_back()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync(Wire);
        await browser.StartAsync("demo", start: "start-text");

        // The host answers while its state is still that of a page that is away, and tells the new one before the answer leaves.
        await browser.Page.EvaluateAsync("() => { __wire.holdHello = true; __wire.channels.at(-1).close(); }");
        await browser.Page.BecomesAsync("__wire.hello !== undefined");
        var rpc = Assert.Single(host.Calls.Calls).Rpc;
        Assert.True(rpc.Notify("call/state", new { state = "speaking" }));
        Assert.True(rpc.Notify("call/transcript", new { itemId = "news", speaker = "agent", text = "News.", final = true }));
        await browser.SeesAsync("agent-transcript", "News.");
        await browser.Page.EvaluateAsync("__wire.hello()");
        await browser.StateAsync("speaking");
        await browser.Page.EvaluateAsync("new Promise(done => setTimeout(done, 300))");
        await Expect(browser.ById("state")).ToHaveAttributeAsync("data-state", "speaking");
        await browser.HangUpAsync();
    }

    /// <summary>The network goes, and the page notices.</summary>
    private static async Task LoseAsync(Chromium browser)
    {
        await browser.Page.Context.SetOfflineAsync(true);
        await browser.Page.EvaluateAsync("() => { window.__states.length = 0; __wire.channels.at(-1).close(); }");
        await browser.Page.BecomesAsync("window.__states.includes('reconnecting')");
    }

    /// <summary>It is there again, and so is the call.</summary>
    private static async Task FindAsync(Chromium browser)
    {
        await browser.Page.Context.SetOfflineAsync(false);
        await browser.Page.BecomesAsync("window.__states.at(-1) !== 'reconnecting'");
        await browser.Page.BecomesAsync("__wire.channels.at(-1).readyState === 'open'");
    }

    private static TestRoles WithWorker()
    {
        var roles = new TestRoles();
        roles.Write("worker/agent.instruct", "You work.");
        roles.Write("worker/role.yaml", """
            name: Worker
            emoji: "🔧"
            description: Works.
            language: en
            greeting: true
            tools:
              - name: work
                target: page
                description: Works.
                parameters: { type: object, properties: {} }
                timeout_ms: 60000
            limits: { minutes: 5, tool_steps: 4 }
            """);
        roles.Write("worker/rehearsal.yaml", """
            greeting: Yes?
            rules:
              - when: [work]
                call: [{ name: work, arguments: {} }]
                then: "The work is {{output.work}}."
              - when: [story]
                say: Once there was a worker who worked all day in a small shop, and everybody knew the time, and nobody ever asked why.
            otherwise: I am here.
            """);
        roles.Write("worker/page/index.js", """
            export default function setup(api) {
              api.registerTool('work', {
                description: 'Works.',
                handler: () => new Promise(done => {
                  window.__runs = (window.__runs ?? 0) + 1;
                  window.__finish = () => done({ work: 'done' });
                }),
              });
            }
            """);
        return roles;
    }
}
