using Bridge.Signaling;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>Habits of people with a page: impatience, several tabs, another language in mid-call, words that are too long.</summary>
public sealed class HabitsTests
{
    [Fact]
    public async Task Whoever_clicks_twice_gets_one_call_and_no_track_is_left_behind()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("""
            window.__tracks = [];
            const ask = navigator.mediaDevices.getUserMedia;
            navigator.mediaDevices.getUserMedia = async constraints => {
              const stream = await ask.call(navigator.mediaDevices, constraints);
              window.__tracks.push(...stream.getTracks());
              return stream;
            };
            """);
        await browser.Page.GotoAsync("/call/lamp");
        foreach (var calls in new[] { 1, 2 })
        {
            await browser.ById("start").DblClickAsync();
            await browser.SeesAsync("agent-transcript", "Welcome");
            Assert.Single(host.Calls.Calls);
            Assert.Equal(calls, await browser.Page.EvaluateAsync<int>("window.__probe.offers.length"));
            Assert.Equal(calls, await browser.Page.EvaluateAsync<int>("window.__probe.constraints.length"));
            await browser.ById("hangup").DblClickAsync(new LocatorDblClickOptions { Timeout = 5_000 });
            await browser.StateAsync("ended");
            await browser.Page.BecomesAsync("window.__tracks.every(track => track.readyState === 'ended')");
            await Expect(browser.ById("recap")).ToBeVisibleAsync();
        }

        // Hung up while it connects, and at once again.
        await browser.Page.EvaluateAsync("""
            () => {
              document.querySelector('[data-testid=start]').click();
              const look = () => {
                const hangup = document.querySelector('[data-testid=hangup]');
                if (!hangup) return setTimeout(look, 0);
                hangup.click();
                window.__hung = true;
              };
              look();
            }
            """);
        await browser.Page.BecomesAsync("window.__hung");
        await browser.StateAsync("ended");
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "Welcome");
        await Calling.UntilAsync(() => host.Calls.Calls.Count() == 1);
        await browser.HangUpAsync();
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    [Fact]
    public async Task Tabs_side_by_side_hold_calls_of_their_own()
    {
        using var roles = TestRoles.WithLamp().Copy("_shared").Copy("demo");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        var tabs = new List<IPage>();
        foreach (var role in new[] { "lamp", "demo", "lamp" })
        {
            var tab = await browser.Page.Context.NewPageAsync();
            await tab.GotoAsync($"/call/{role}");
            await tab.GetByTestId("start").ClickAsync();
            await Expect(tab.GetByTestId("agent-transcript")).Not.ToBeEmptyAsync();
            tabs.Add(tab);
        }

        Assert.Equal(3, host.Calls.Calls.Count());
        await tabs[0].GetByTestId("hangup").ClickAsync();
        await Expect(tabs[0].GetByTestId("state")).ToHaveTextAsync("ended");
        await Calling.UntilAsync(() => host.Calls.Calls.Count() == 2);
        foreach (var tab in tabs.Skip(1))
        {
            await tab.GetByTestId("text-input").FillAsync("Still there?");
            await tab.GetByTestId("text-input").PressAsync("Enter");
            await Expect(tab.GetByTestId("user-transcript")).ToContainTextAsync("Still there?");
        }
    }

    [Fact]
    public async Task Another_language_in_mid_call_changes_the_words_and_not_the_call()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("food-order");
        var call = Assert.Single(host.Calls.Calls);
        var widget = browser.ById("stage");
        await Expect(widget).Not.ToBeEmptyAsync();
        var before = await widget.InnerTextAsync();
        await browser.ById("language").SelectOptionAsync("fr");
        await Expect(browser.ById("hangup")).ToHaveTextAsync("Raccrocher");
        await Expect(widget).Not.ToHaveTextAsync(before);
        await browser.ById("language").SelectOptionAsync("de");
        await Expect(browser.ById("hangup")).ToHaveTextAsync("Auflegen");
        Assert.Same(call, Assert.Single(host.Calls.Calls));
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.offers.length"));
        await browser.ById("hangup").ClickAsync();
    }

    [Fact]
    public async Task What_can_not_be_sent_is_said_in_the_words_of_the_page_and_kept_in_the_box()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("lamp", query: "?lang=fr");
        var notices = browser.Page.Locator(".notice");

        var long9000 = new string('m', 9_000);
        await browser.WriteAsync(long9000);
        await Expect(notices.Last).ToHaveTextAsync("Un message a au plus 8\u202F000 caractères.");
        await Expect(browser.ById("text-input")).ToHaveValueAsync(long9000);

        await browser.ById("image-input").SetInputFilesAsync(
            new FilePayload { Name = "broken.png", MimeType = "image/png", Buffer = "no picture"u8.ToArray() });
        await Expect(notices.Last).ToHaveTextAsync("Le navigateur ne peut pas lire cette image.");

        await browser.WriteAsync("   ");
        await browser.WriteAsync("<b onclick=alert(1)>👩‍👩‍👧‍👦</b>");
        await browser.SeesAsync("user-transcript", "<b onclick=alert(1)>👩‍👩‍👧‍👦</b>");
        await Expect(browser.Page.Locator(".conversation li.user")).ToHaveCountAsync(1);
        await browser.ById("hangup").ClickAsync();
        await Expect(browser.ById("recap")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_question_for_the_microphone_that_nobody_answers_holds_up_no_call()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("navigator.mediaDevices.getUserMedia = () => new Promise(() => {})");
        await browser.Page.GotoAsync("/call/lamp");
        await browser.ById("start").ClickAsync();
        await Expect(browser.Page.Locator(".quiet-problem")).ToContainTextAsync("microphone");
        await AccessibilityTests.PassesAsync(browser.Page, "the browser asks for the microphone");
        await browser.WriteAsync("blue");
        await browser.SeesAsync("user-transcript", "blue");
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task A_page_that_stood_still_for_longer_than_the_hub_waits_goes_on_with_its_call()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));

        // Longer than the 15 s between a page's signs of life, shorter than the 30 s of the hub, for the sake of the suite.
        var silence = TimeSpan.FromSeconds(17);
        host.Get<IOptions<HubOptions<SignalHub>>>().Value.ClientTimeoutInterval = silence;
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("lamp");
        var call = Assert.Single(host.Calls.Calls);
        await browser.WriteAsync("story");

        // As on a locked phone: no script runs, and the browser's own threads keep the path.
        var page = await browser.Page.Context.NewCDPSessionAsync(browser.Page);
        await page.SendAsync("Debugger.enable");
        await page.SendAsync("Debugger.pause");

        // The hub gives up a connection that is silent for longer than it waits; it is this time that is tried.
        await Task.Delay(silence + TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        await page.SendAsync("Debugger.resume");
        await page.SendAsync("Debugger.disable");
        await browser.WriteAsync("blue");
        await browser.SeesAsync("user-transcript", "blue");
        Assert.Same(call, Assert.Single(host.Calls.Calls));
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.peers.length"));
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task A_network_that_flaps_is_answered_by_few_offers_on_the_living_connection()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("""
            window.__type = 'wifi';
            Object.defineProperty(NetworkInformation.prototype, 'type', { get: () => window.__type });
            """);
        await browser.StartAsync("lamp");
        await browser.WriteAsync("story");
        await browser.StateAsync("speaking");
        await browser.Page.EvaluateAsync("""
            () => {
              window.__states = [];
              const word = document.querySelector('[data-testid=state]');
              new MutationObserver(() => window.__states.push(word.dataset.state)).observe(word, { attributes: true });
            }
            """);
        var seconds = await browser.Page.EvaluateAsync<double>("""
            async () => {
              const began = performance.now();
              for (let i = 0; i < 100; i++) {
                window.__type = i % 2 ? 'wifi' : 'cellular';
                navigator.connection.dispatchEvent(new Event('change'));
                await new Promise(r => setTimeout(r, 50));
              }
              return (performance.now() - began) / 1000;
            }
            """);
        await browser.Page.BecomesAsync("window.__probe.peers[0].signalingState === 'stable'");

        // The first offer is the call's own. Then one at once, and one in each 5 s.
        Assert.InRange(await browser.Page.EvaluateAsync<int>("window.__probe.offers.length"), 2, 3 + (int)(seconds / 5));
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.peers.length"));
        Assert.DoesNotContain("reconnecting", await browser.Page.EvaluateAsync<string[]>("window.__states"));
        await browser.WriteAsync("blue");
        await browser.SeesAsync("user-transcript", "blue");
        await browser.HangUpAsync();
    }
}
