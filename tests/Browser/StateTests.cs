using Bridge.Tests.Access;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>States that few people see, held to WCAG 2.2 AA as <see cref="AccessibilityTests"/> holds the others.</summary>
public sealed class StateTests
{
    [Fact]
    public async Task A_gallery_without_roles_and_a_browser_that_will_ask_pass_axe()
    {
        using var none = new TestRoles();
        await using var empty = await BrowserHost.StartAsync(("Roles", none.Path));
        await using var browser = await empty.OpenQuietAsync();
        await browser.Page.GotoAsync("/");
        await Expect(browser.Page.Locator(".blank h2")).ToBeVisibleAsync();
        await AccessibilityTests.PassesAsync(browser.Page, "gallery without roles");

        await using var host = await BrowserHost.StartAsync();
        await using var stranger = await Chromium.OpenAsync(host.Address, grant: false);
        await stranger.Page.AddInitScriptAsync("navigator.permissions.query = async () => ({ state: 'prompt' })");
        await stranger.Page.GotoAsync("/call/demo");
        await Expect(stranger.Page.GetByText("Your browser will ask for the microphone.")).ToBeVisibleAsync();
        await AccessibilityTests.PassesAsync(stranger.Page, "before the call, with the browser's question to come");
    }

    [Fact]
    public async Task A_silenced_and_muted_microphone_a_talk_key_a_notice_and_the_open_conversation_pass_axe()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        await browser.StartAsync("lamp");
        await browser.WriteAsync("blue");
        await browser.ById("talk").Locator("summary").ClickAsync();
        await AccessibilityTests.PassesAsync(page, "the conversation is open");

        await page.EvaluateAsync("window.__probe.peers[0].getSenders()[0].track.dispatchEvent(new Event('mute'))");
        await Expect(browser.ById("mic-silenced")).ToContainTextAsync("Your system has silenced the microphone");
        await AccessibilityTests.PassesAsync(page, "silenced by the system");
        await page.EvaluateAsync("window.__probe.peers[0].getSenders()[0].track.dispatchEvent(new Event('unmute'))");
        await Expect(browser.ById("mic-silenced")).ToHaveCountAsync(0);

        await browser.ById("mute").ClickAsync();
        await AccessibilityTests.PassesAsync(page, "muted");
        await browser.ById("mute").ClickAsync();
        await browser.ById("settings").ClickAsync();
        await browser.ById("ptt-mode").CheckAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(browser.ById("ptt")).ToBeVisibleAsync();
        await AccessibilityTests.PassesAsync(page, "hold to talk");

        Assert.True(Assert.Single(host.Calls.Calls).Rpc.Notify("call/notice", new { kind = "cost", text = "This call ends soon." }));
        await Expect(page.Locator(".notice")).ToHaveTextAsync("This call ends soon.");
        await AccessibilityTests.PassesAsync(page, "a notice");
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task Whoever_signed_in_calls_and_one_whose_sign_in_is_over_is_told_and_finds_the_way_back()
    {
        await using var provider = await SmallProvider.StartAsync();
        await using var host = await BrowserHost.StartAsync(
            ("Access:Mode", "oidc"), ("Access:Oidc:Authority", provider.Issuer), ("Access:Oidc:ClientId", "bridge"),
            ("Access:Oidc:ClientSecret", "a-secret-of-the-tests"));
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        await page.GotoAsync("/call/demo");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await AccessibilityTests.PassesAsync(page, "signed in");

        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        Assert.Equal("ada", Assert.Single(host.Calls.Calls).Caller.Subject);
        await browser.HangUpAsync();

        await page.Context.ClearCookiesAsync();
        await browser.ById("start").ClickAsync();
        await Expect(browser.ById("end-reason")).ToHaveTextAsync("Please sign in first: reload the page.");
        await AccessibilityTests.PassesAsync(page, "the sign-in is over");

        await page.ReloadAsync();
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        await browser.HangUpAsync();
    }
}
