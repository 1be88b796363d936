using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>examples/embed.html on a server of somebody else: another origin, with one script tag, one element, one tool.</summary>
public sealed class CrossOriginTests
{
    [Fact]
    public async Task A_page_of_another_origin_holds_calls_when_the_operator_allows_it()
    {
        await using var shop = await Shop.OpenAsync();
        using var roles = new TestRoles().Copy("lamp-shop", "examples/roles").Copy("_shared").Copy("cooking-guide");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("Origins:0", shop.Origin));
        await using var browser = await host.OpenQuietAsync();
        await shop.ShowAsync(browser, host);
        var element = browser.Page.Locator("voice-bridge");
        await AccessibilityTests.PassesAsync(browser.Page, "element before the call");
        await element.GetByTestId("start").ClickAsync();
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("Welcome to the lamp shop");
        await browser.Page.BecomesAsync("window.__probe.worklets.length > 0");
        await element.GetByTestId("text-input").FillAsync("Make it red");
        await element.GetByTestId("text-input").PressAsync("Enter");
        await Expect(browser.Page.Locator(".lamp")).ToHaveAttributeAsync("aria-label", "The lamp is crimson");
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("The lamp is crimson now");
        await AccessibilityTests.PassesAsync(browser.Page, "element in a call");
        await element.GetByTestId("hangup").ClickAsync();
        await Expect(element.GetByTestId("recap")).ToContainTextAsync("Lamps");
        await AccessibilityTests.PassesAsync(browser.Page, "element after the call");

        // A role's own module, style and data come across, too.
        await browser.Page.EvaluateAsync("document.querySelector('voice-bridge').setAttribute('call-role', 'cooking-guide')");
        await element.GetByTestId("start").ClickAsync();
        await Expect(element.GetByTestId("agent-transcript")).Not.ToBeEmptyAsync();
        await element.GetByTestId("text-input").FillAsync("pancakes please");
        await element.GetByTestId("text-input").PressAsync("Enter");
        await Expect(element.Locator("[aria-current=step]")).ToBeVisibleAsync();
        await element.GetByTestId("hangup").ClickAsync();
        await Expect(element.GetByTestId("state")).ToHaveTextAsync("ended");
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    [Fact]
    public async Task A_page_of_an_origin_that_was_not_allowed_is_told_so_in_words()
    {
        await using var shop = await Shop.OpenAsync();
        using var roles = new TestRoles().Copy("lamp-shop", "examples/roles");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("Origins:0", "https://shop.example.org"));
        await using var browser = await host.OpenQuietAsync();
        await shop.ShowAsync(browser, host);
        await browser.Page.EvaluateAsync("addEventListener('bridge-error', e => (window.__error = e.detail))");
        var element = browser.Page.Locator("voice-bridge");
        await element.GetByTestId("start").ClickAsync();
        await Expect(element.GetByTestId("end-reason")).ToContainTextAsync($"takes no calls from pages of {shop.Origin}");
        Assert.Equal("origin_not_allowed", await browser.Page.EvaluateAsync<string>("window.__error.code"));
        Assert.Contains(
            $"--origin {shop.Origin}", await browser.Page.EvaluateAsync<string>("window.__error.message"), StringComparison.Ordinal);
        Assert.Empty(host.Calls.Calls);

        // Nor does it get at what the Bridge's own page may read.
        Assert.True(
            await browser.Page.EvaluateAsync<bool>(
                "url => fetch(url).then(() => false, () => true)", new Uri(host.Address, "/api/roles").ToString()));
    }

    /// <summary>A web server that has nothing to do with the Bridge and serves one page.</summary>
    private sealed class Shop(WebApplication app) : IAsyncDisposable
    {
        private string _page = "";

        public string Origin => app.Urls.First();

        public static async Task<Shop> OpenAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var shop = new Shop(app);
            app.MapGet("/embed.html", () => Results.Text(shop._page, "text/html; charset=utf-8"));
            app.MapGet("/favicon.ico", () => Results.NoContent());
            await app.StartAsync();
            return shop;
        }

        /// <summary>The example as it stands in the repository, with the Bridge's address put in, as a reader would.</summary>
        public async Task ShowAsync(Chromium browser, BrowserHost host)
        {
            var html = await File.ReadAllTextAsync(
                Path.Combine(Repository.Root, "examples", "embed.html"), TestContext.Current.CancellationToken);
            _page = html.Replace("http://localhost:5080", host.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
            await browser.Page.GotoAsync($"{Origin}/embed.html");
            await browser.Page.BecomesAsync(
                "document.querySelector('voice-bridge').shadowRoot?.querySelector('[data-testid=start]') != null");
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
