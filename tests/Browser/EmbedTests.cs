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
        await AccessibilityTests.PassesAsync(browser.Page, "element in the dark");
        await browser.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await browser.Page.BecomesAsync($"getComputedStyle({Frame}).backgroundColor === 'rgb(247, 247, 249)'");
        Assert.Equal("32px", await browser.Page.EvaluateAsync<string>($"getComputedStyle({Frame}).borderRadius"));
        await browser.Page.EvaluateAsync("document.querySelector('voice-bridge').setAttribute('theme', 'dark')");
        await browser.Page.BecomesAsync($"getComputedStyle({Frame}).backgroundColor === 'rgb(15, 17, 22)'");
    }

    [Fact]
    public async Task An_element_that_is_moved_in_the_document_keeps_its_call_and_one_that_is_taken_out_ends_it()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.BlankAsync(
            "shop.html",
            "<script type=\"module\" src=\"/sdk/voice-bridge.js\"></script><main><h1>Shop</h1><p id=\"a\"></p><div id=\"b\"><voice-bridge "
                + "call-role=\"lamp\"></voice-bridge></div><dialog></dialog></main>");
        var element = browser.Page.Locator("voice-bridge");
        await element.GetByTestId("start").ClickAsync();
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("Welcome");
        var call = Assert.Single(host.Calls.Calls);
        await browser.Page.EvaluateAsync("""
            () => {
              const element = document.querySelector('voice-bridge');
              window.__ended = [];
              addEventListener('bridge-ended', e => window.__ended.push(e.detail.reason));
              window.__moves = [
                () => document.querySelector('#a').append(element),
                () => document.querySelector('main').insertBefore(element, document.querySelector('h1')),
                () => document.querySelector('#b').replaceChildren(element),
                () => document.querySelector('#a').moveBefore?.(element, null),
                () => { document.querySelector('dialog').append(element); document.querySelector('dialog').showModal(); },
                () => { document.querySelector('dialog').close(); element.remove(); setTimeout(() => document.querySelector('main').append(element), 50); },
              ];
            }
            """);
        for (var move = 0; move < 6; move++)
        {
            await browser.Page.EvaluateAsync($"(window.__moves[{move}](), window.__movedAt = performance.now())");

            // Longer than the element may be out of the document.
            await browser.Page.BecomesAsync("performance.now() - window.__movedAt > 1200");
            await element.GetByTestId("text-input").FillAsync($"Move {move}");
            await element.GetByTestId("text-input").PressAsync("Enter");
            await Expect(element.GetByTestId("user-transcript")).ToContainTextAsync($"Move {move}");
        }

        Assert.Same(call, Assert.Single(host.Calls.Calls));
        Assert.Empty(await browser.Page.EvaluateAsync<string[]>("window.__ended"));
        await browser.Page.EvaluateAsync("document.querySelector('voice-bridge').remove()");
        Assert.Equal(Bridge.Calls.CallEnd.Hangup, await call.Ended.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_text_that_is_too_long_for_the_element_is_refused_in_words_and_kept()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.BlankAsync(
            "shop.html",
            "<html lang=\"en\"><title>Shop</title><script type=\"module\" src=\"/sdk/voice-bridge.js\"></script><main><h1>Shop</h1>"
                + "<voice-bridge call-role=\"lamp\" lang=\"de\"></voice-bridge></main>");
        var element = browser.Page.Locator("voice-bridge");
        await element.GetByTestId("start").ClickAsync();
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("Welcome");
        var pasted = new string('m', 9_000);
        await element.GetByTestId("text-input").FillAsync(pasted);
        await element.GetByTestId("text-input").PressAsync("Enter");

        await Expect(element.GetByTestId("unsent")).ToHaveTextAsync("Eine Nachricht hat höchstens 8.000 Zeichen.");
        await Expect(element.GetByTestId("text-input")).ToHaveValueAsync(pasted);
        await AccessibilityTests.PassesAsync(browser.Page, "an element's text that was not sent");

        await element.GetByTestId("text-input").FillAsync("hello");
        await element.GetByTestId("text-input").PressAsync("Enter");
        await Expect(element.GetByTestId("user-transcript")).ToContainTextAsync("hello");
        await Expect(element.GetByTestId("unsent")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_second_copy_of_the_client_on_a_page_works_beside_the_first()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.GotoAsync("/");
        await Expect(browser.ById("role-card").First).ToBeVisibleAsync();
        await browser.Page.EvaluateAsync("""
            async () => {
              await import('/sdk/voice-bridge.js');
              await import('/sdk/voice-bridge.js?another');
              const element = document.createElement('voice-bridge');
              element.setAttribute('call-role', 'demo');
              document.querySelector('main').prepend(element);
            }
            """);
        var element = browser.Page.Locator("voice-bridge");
        await element.GetByTestId("start").ClickAsync();
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("voice of the Bridge");
        await element.GetByTestId("hangup").ClickAsync();
        await Expect(element.GetByTestId("state")).ToHaveTextAsync("ended");
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    /// <summary>The example as it stands in the repository, with the Bridge's address put in, as a reader would.</summary>
    private static async Task OpenAsync(Chromium browser, BrowserHost host)
    {
        var html = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "examples", "embed.html"), TestContext.Current.CancellationToken);
        html = html.Replace("http://localhost:5080", host.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        await browser.Page.RouteAsync(
            "**/embed.html",
            route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html; charset=utf-8", Body = html }));
        await browser.Page.GotoAsync("/embed.html");
        await browser.Page.BecomesAsync("document.querySelector('voice-bridge').shadowRoot?.querySelector('[data-testid=start]') != null");
    }
}
