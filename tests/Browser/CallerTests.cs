using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>
/// Language and attributes in whatever form a browser and a page give them: made good or left out, and no call is refused for it.
/// </summary>
public sealed class CallerTests
{
    [Theory]
    [InlineData("'en-US'", "en-US")]
    [InlineData("'en_US'", "en-US")]
    [InlineData("'en-US@posix'", "en-US")]
    [InlineData("'de_AT.UTF-8'", "de-AT")]
    [InlineData("'de-AT-u-ca-buddhist-co-phonebk-nu-latn-tz-atvie'", "de-AT")]
    [InlineData("'C'", null)]
    [InlineData("'undefined'", null)]
    [InlineData("''", null)]
    [InlineData("undefined", null)]
    public async Task Whatever_the_browser_calls_its_language_the_SDK_gets_a_call(string language, string? told)
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await SpeaksAsync(browser.Page, language);
        await browser.BlankAsync();
        await browser.Page.EvaluateAsync("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              window.call = await connect({ role: 'lamp', audio: false });
            }
            """);
        Assert.Equal(told, await ToldAsync(browser.Page));
        await browser.Page.EvaluateAsync("call.hangup()");
        Assert.Empty(browser.Errors);
    }

    [Theory]
    [InlineData("undefined", "en", null)]
    [InlineData("'de-AT'", "de", "de-AT")]
    public async Task Page_and_element_have_words_in_any_browser_and_tell_the_role_its_language(string language, string words, string? told)
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await SpeaksAsync(browser.Page, language);
        await browser.StartAsync("lamp");
        await Expect(browser.Page.Locator("html")).ToHaveAttributeAsync("lang", words);
        Assert.Equal(told ?? words, await ToldAsync(browser.Page));
        await browser.ById("hangup").ClickAsync();
        await Expect(browser.ById("recap")).ToBeVisibleAsync();

        await browser.BlankAsync(
            body: "<script type=\"module\" src=\"/sdk/voice-bridge.js\"></script>"
                + "<main><voice-bridge call-role=\"lamp\"></voice-bridge></main>");
        await browser.Page.Locator("voice-bridge").GetByTestId("start").ClickAsync();
        await Expect(browser.Page.Locator("voice-bridge").GetByTestId("agent-transcript")).ToContainTextAsync("Welcome");
        Assert.Equal(told, await ToldAsync(browser.Page));
        await browser.Page.Locator("voice-bridge").GetByTestId("hangup").ClickAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Attributes_are_cut_or_left_out_and_named_and_objects_are_JSON()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("window.__traffic = true");
        await browser.BlankAsync();
        var faults = await browser.Page.EvaluateAsync<string[]>("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              const faults = [];
              window.call = await connect({
                role: 'lamp',
                audio: false,
                attributes: { cart: { lamp: 2 }, long: 'x'.repeat(1100), ['n'.repeat(65)]: '1', none: undefined },
                on: { error: e => faults.push(`${e.code} ${e.fatal} ${e.message}`) },
              });
              return faults;
            }
            """);
        Assert.Equal(2, faults.Length);
        Assert.Equal("attributes false The attribute \"long\" has 1100 characters; the role gets the first 1024.", faults[0]);
        Assert.StartsWith("attributes false The attribute name \"nnn", faults[1], StringComparison.Ordinal);
        var attributes = (await HelloAsync(browser.Page)).GetProperty("attributes");
        Assert.Equal("""{"lamp":2}""", attributes.GetProperty("cart").GetString());
        Assert.Equal(1024, attributes.GetProperty("long").GetString()!.Length);
        Assert.Equal(["cart", "long"], attributes.EnumerateObject().Select(a => a.Name));
        await browser.Page.EvaluateAsync("call.hangup()");
    }

    /// <summary>The browser says that its language is this JavaScript value.</summary>
    private static async Task SpeaksAsync(IPage page, string language) => await page.AddInitScriptAsync($$"""
        window.__traffic = true;
        Object.defineProperty(Navigator.prototype, 'language', { get: () => {{language}} });
        Object.defineProperty(Navigator.prototype, 'languages', { get: () => [{{language}}] });
        """);

    /// <summary>How the page introduced itself to the server.</summary>
    private static async Task<JsonElement> HelloAsync(IPage page)
    {
        var hello = await page.EvaluateAsync<string>("window.__probe.sent.find(text => text.includes('page/hello'))");
        return JsonSerializer.Deserialize<JsonElement>(hello).GetProperty("params");
    }

    private static async Task<string?> ToldAsync(IPage page) =>
        (await HelloAsync(page)).TryGetProperty("locale", out var locale) ? locale.GetString() : null;
}
