using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>examples/embed.html: a page of somebody else with one script tag, one element and a tool of its own.</summary>
public sealed class EmbedTests
{
    [Fact]
    public async Task The_example_page_talks_and_its_lamp_is_lit_by_the_agent()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await OpenAsync(browser, host);
        var element = browser.Page.Locator("voice-bridge");
        await Expect(element).ToContainTextAsync("Ask our assistant anything about lamps");

        // "role" is ARIA's word; it must not stay on the element.
        Assert.Null(await element.GetAttributeAsync("role"));
        await element.GetByTestId("start").ClickAsync();
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("Welcome to the lamp shop", Patiently());
        await element.GetByTestId("text-input").FillAsync("Make it red");
        await element.GetByTestId("text-input").PressAsync("Enter");
        await Expect(browser.Page.Locator(".lamp")).ToHaveAttributeAsync("aria-label", "The lamp is red", new LocatorAssertionsToHaveAttributeOptions { Timeout = 30_000 });
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("The lamp is red now", Patiently());
        await element.GetByTestId("hangup").ClickAsync();
        await Expect(element.GetByTestId("state")).ToHaveTextAsync("ended");
        await Expect(element.GetByTestId("recap")).ToContainTextAsync("Lamps", Patiently());
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task The_element_follows_light_and_dark_and_can_be_dressed_from_outside()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await OpenAsync(browser, host);
        const string Frame = "document.querySelector('voice-bridge').shadowRoot.querySelector('.frame')";
        Assert.Equal("rgb(15, 17, 22)", await browser.Page.EvaluateAsync<string>($"getComputedStyle({Frame}).backgroundColor"));
        await browser.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await browser.Page.BecomesAsync($"getComputedStyle({Frame}).backgroundColor === 'rgb(247, 247, 249)'");
        Assert.Equal("32px", await browser.Page.EvaluateAsync<string>($"getComputedStyle({Frame}).borderRadius"));
        await browser.Page.EvaluateAsync("document.querySelector('voice-bridge').setAttribute('theme', 'dark')");
        await browser.Page.BecomesAsync($"getComputedStyle({Frame}).backgroundColor === 'rgb(15, 17, 22)'");
    }

    private static LocatorAssertionsToContainTextOptions Patiently() => new() { Timeout = 30_000 };

    /// <summary>The example as it stands in the repository, with the Bridge's address put in, as a reader would.</summary>
    private static async Task OpenAsync(Chromium browser, BrowserHost host)
    {
        var html = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples", "embed.html"), TestContext.Current.CancellationToken);
        html = html.Replace("http://localhost:5080", host.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
            .Replace("role=\"demo\"", "role=\"lamp\"", StringComparison.Ordinal);
        await browser.Page.RouteAsync("**/embed.html", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html; charset=utf-8", Body = html }));
        await browser.Page.GotoAsync("/embed.html");
        await browser.Page.BecomesAsync("document.querySelector('voice-bridge').shadowRoot?.querySelector('[data-testid=start]') != null");
    }
}
