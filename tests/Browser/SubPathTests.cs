using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The Bridge below a path, as behind a proxy that serves other things, too.</summary>
public sealed class SubPathTests
{
    [Fact]
    public async Task Page_element_and_SDK_find_everything_below_a_path()
    {
        await using var host = await BrowserHost.StartAsync(("PathBase", "/voice"));
        await FindsEverythingAsync(host.Address);
    }

    [Fact]
    public async Task Behind_nginx_as_the_documentation_has_it_a_path_needs_no_setting()
    {
        await using var host = await BrowserHost.StartAsync(("Proxies:0", "127.0.0.1"));
        await using var proxy = await Nginx.StartAsync(host.Address, TestContext.Current.CancellationToken);
        await FindsEverythingAsync(proxy.Address);
    }

    private static async Task FindsEverythingAsync(Uri address)
    {
        await using var browser = await Chromium.OpenAsync(address);
        var page = browser.Page;
        List<string> asked = [];
        page.Request += (_, request) => asked.Add(new Uri(request.Url).AbsolutePath);
        await page.GotoAsync("/voice/");
        await page.Locator("[data-role=cooking-guide]").ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/voice/call/cooking-guide$"));
        await browser.ById("start").ClickAsync();
        await Expect(browser.ById("agent-transcript")).Not.ToBeEmptyAsync();
        await browser.WriteAsync("pancakes please");
        await Expect(browser.ById("stage").Locator("[aria-current=step]")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await browser.SeesAsync("user-transcript", "pancakes please");
        await browser.HangUpAsync();
        await page.GotoAsync("/voice/call/cooking-guide/");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await page.Locator(".top a").ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/voice/$"));
        Assert.DoesNotContain(asked, path => !path.StartsWith("/voice/", StringComparison.Ordinal));

        await browser.BlankAsync(
            "shop.html",
            "<script type=\"module\" src=\"/voice/sdk/voice-bridge.js\"></script><main><h1>Shop</h1><voice-bridge "
                + "call-role=\"demo\"></voice-bridge></main>");
        await page.Locator("voice-bridge").GetByTestId("start").ClickAsync();
        await Expect(page.Locator("voice-bridge").GetByTestId("agent-transcript")).ToContainTextAsync("voice of the Bridge");
        await page.EvaluateAsync("""
            async () => {
              const { connect } = await import('/voice/sdk/bridge.js');
              window.call = await connect({ role: 'lamp', url: '/voice', audio: false }).catch(e => e.code);
            }
            """);
        Assert.Equal("unknown_role", await page.EvaluateAsync<string>("window.call"));
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }
}
