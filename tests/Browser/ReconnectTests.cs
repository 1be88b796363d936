using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The way back: a reload, a lost channel, a new network path. The conversation is the same after each.</summary>
public sealed class ReconnectTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_reload_goes_on_with_the_same_conversation()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("cooking-guide");
        await browser.WriteAsync("pancakes please");
        await browser.SeesAsync("stage", "pancake");
        var call = Assert.Single(host.Calls.Calls).Id;

        await browser.Page.ReloadAsync();
        await browser.SeesAsync("user-transcript", "pancakes please");
        await browser.SeesAsync("stage", "pancake");
        await Expect(browser.ById("state")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("listening|thinking|speaking"));
        await browser.WriteAsync("next step");
        await Expect(browser.ById("stage").Locator("[aria-current=step]")).ToHaveAttributeAsync("data-step", "2");
        Assert.Equal(call, Assert.Single(host.Calls.Calls).Id);
        await browser.HangUpAsync();
        await browser.Page.ReloadAsync();
        await Expect(browser.ById("start")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_lost_connection_is_shown_and_made_again()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("demo");
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        var call = Assert.Single(host.Calls.Calls).Id;
        await browser.Page.EvaluateAsync("""
            () => {
              window.__states = [];
              new MutationObserver(() => window.__states.push(document.querySelector('[data-testid=state]').textContent.trim())).observe(document.querySelector('[data-testid=state]'), { childList: true, characterData: true, subtree: true });
              window.__lost = performance.now();
              window.__probe.channels.at(-1).close();
            }
            """);
        await browser.Page.BecomesAsync("window.__probe.peers.length === 2 && window.__probe.peers[1].connectionState === 'connected'");
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        Assert.Contains("reconnecting", await browser.Page.EvaluateAsync<string[]>("window.__states"));
        Assert.Equal(call, Assert.Single(host.Calls.Calls).Id);
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task A_short_disconnect_is_waited_out_and_a_long_one_answered_by_an_ICE_restart()
    {
        await using var host = await BrowserHost.StartAsync();
        using var cable = JitterRelay.To(host, TimeSpan.Zero, 1);
        await using var browser = await host.OpenBehindAsync(cable);
        await browser.StartAsync("demo");
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        var call = Assert.Single(host.Calls.Calls).Id;
        await browser.Page.EvaluateAsync("""
            () => {
              const word = document.querySelector('[data-testid=state]');
              window.__states = [];
              new MutationObserver(() => window.__states.push(word.dataset.state)).observe(word, { attributes: true });
            }
            """);

        // Chromium takes seconds to notice an outage. For the short one it is told so, and told that it is over, by the
        // page's own clock: after the 700 ms in which nothing is shown, long before the 2.5 s in which it is waited out.
        await browser.Page.EvaluateAsync("""
            () => new Promise(done => {
              const peer = window.__probe.peers[0];
              const say = state => {
                Object.defineProperty(peer, 'connectionState', { configurable: true, get: () => state });
                peer.dispatchEvent(new Event('connectionstatechange'));
              };
              say('disconnected');
              setTimeout(() => { say('connected'); delete peer.connectionState; done(); }, 1100);
            })
            """);
        Assert.Contains("reconnecting", await browser.Page.EvaluateAsync<string[]>("window.__states"));
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.offers.length"));
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");

        // The long one is real: nothing gets through until the page looks for another way.
        await browser.Page.EvaluateAsync("window.__states = []");
        cable.Cut = true;
        await browser.Page.BecomesAsync("window.__states.includes('reconnecting')");
        await Expect(browser.Page.Locator(".problem[role=status]")).ToContainTextAsync("connection");
        await browser.Page.BecomesAsync("window.__probe.offers.length === 2");
        cable.Cut = false;
        await browser.Page.BecomesAsync("window.__states.at(-1) !== 'reconnecting' && window.__states.length > 1");
        var ufrags = await browser.Page.EvaluateAsync<string[]>("window.__probe.offers.map(o => /ice-ufrag:(\\S+)/.exec(o)[1])");
        output.WriteLine($"{ufrags.Length} offers, {await browser.Page.EvaluateAsync<int>("window.__probe.peers.length")} connections");
        Assert.NotEqual(ufrags[0], ufrags[1]);
        await browser.SeesAsync("stage", "A role is a folder");
        await browser.WriteAsync("How does it work?");
        await browser.SeesAsync("stage", "end to end");
        Assert.Equal(call, Assert.Single(host.Calls.Calls).Id);
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task A_change_of_network_restarts_ICE_on_the_living_call()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("demo");
        const string Ufrag = "window.__probe.peers[0].localDescription.sdp.match(/ice-ufrag:(\\S+)/)[1]";
        var before = await browser.Page.EvaluateAsync<string>(Ufrag);
        await browser.Page.EvaluateAsync("dispatchEvent(new Event('online'))");
        await browser.Page.BecomesAsync(
            $"{Ufrag} !== '{before}' && window.__probe.peers[0].iceConnectionState === 'connected' && "
                + $"window.__probe.peers[0].signalingState === 'stable'");
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.peers.length"));

        // New estimates of speed are no new network, however many come.
        var offers = await browser.Page.EvaluateAsync<int>("window.__probe.offers.length");
        await browser.Page.EvaluateAsync(
            "() => { for (let i = 0; i < 200; i++) navigator.connection.dispatchEvent(new Event('change')); }");
        await browser.WriteAsync("How does it work?");
        await browser.SeesAsync("stage", "end to end");
        Assert.Equal(offers, await browser.Page.EvaluateAsync<int>("window.__probe.offers.length"));
        output.WriteLine($"states: {await browser.ById("state").TextContentAsync()}");
        await browser.HangUpAsync();
    }
}
