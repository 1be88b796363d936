using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The looks of <c>&lt;voice-bridge&gt;</c> on examples/embed.html; its calls are in <see cref="CrossOriginTests"/>.</summary>
public sealed class EmbedTests
{
    [Fact]
    public async Task The_element_follows_light_and_dark_and_can_be_dressed_from_outside()
    {
        using var roles = new TestRoles().Copy("lamp-shop", "examples/roles");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await OpenAsync(browser, host);

        // "role" is ARIA's word; it must not stay on the element.
        Assert.Null(await browser.Page.Locator("voice-bridge").GetAttributeAsync("role"));
        await Expect(browser.Page.Locator("voice-bridge")).ToContainTextAsync("Ask our assistant anything about lamps");
        const string Frame = "document.querySelector('voice-bridge').shadowRoot.querySelector('.frame')";
        Assert.Equal("rgb(15, 17, 22)", await browser.Page.EvaluateAsync<string>($"getComputedStyle({Frame}).backgroundColor"));
        await AccessibilityTests.CheckAsync(browser.Page, "element in the dark");
        await browser.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await browser.Page.BecomesAsync($"getComputedStyle({Frame}).backgroundColor === 'rgb(247, 247, 249)'");
        Assert.Equal("32px", await browser.Page.EvaluateAsync<string>($"getComputedStyle({Frame}).borderRadius"));
        await browser.Page.EvaluateAsync("document.querySelector('voice-bridge').setAttribute('theme', 'dark')");
        await browser.Page.BecomesAsync($"getComputedStyle({Frame}).backgroundColor === 'rgb(15, 17, 22)'");
    }

    /// <summary>The example as it stands in the repository, with the Bridge's address put in, as a reader would.</summary>
    private static async Task OpenAsync(Chromium browser, BrowserHost host)
    {
        var html = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples", "embed.html"), TestContext.Current.CancellationToken);
        html = html.Replace("http://localhost:5080", host.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        await browser.Page.RouteAsync("**/embed.html", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html; charset=utf-8", Body = html }));
        await browser.Page.GotoAsync("/embed.html");
        await browser.Page.BecomesAsync("document.querySelector('voice-bridge').shadowRoot?.querySelector('[data-testid=start]') != null");
    }
}
