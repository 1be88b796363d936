using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>A person on the page, by its stable hooks.</summary>
internal static class Calling
{
    /// <summary>
    /// How long a test waits for what has to come, Playwright's expectations included, in milliseconds: for machines that do much else.
    /// </summary>
    public const float Patience = 40_000;

    public static Task<Chromium> OpenQuietAsync(this BrowserHost host, ViewportSize? viewport = null) =>
        Chromium.OpenAsync(host.Address, viewport: viewport);

    /// <summary>A browser whose datagrams go by way of a relay.</summary>
    public static async Task<Chromium> OpenBehindAsync(this BrowserHost host, JitterRelay relay)
    {
        var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync(relay.Script);
        return browser;
    }

    public static async Task StartAsync(this Chromium browser, string role, string start = "start", string query = "")
    {
        await browser.Page.GotoAsync($"/call/{role}{query}");
        await browser.ById(start).ClickAsync();
        await Expect(browser.ById("text-input")).ToBeVisibleAsync();
        await Expect(browser.ById("agent-transcript")).Not.ToBeEmptyAsync();
    }

    /// <summary>A page of somebody else on the host's origin, which has nothing on it.</summary>
    public static async Task BlankAsync(this Chromium browser, string name = "blank.html", string body = "")
    {
        var html = $"<!doctype html><html lang=\"en\"><title>A page of somebody else</title><link rel=\"icon\" href=\"data:,\">{body}";
        await browser.Page.Context.RouteAsync(
            $"**/{name}", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html; charset=utf-8", Body = html }));
        await browser.Page.GotoAsync($"/{name}");
    }

    public static async Task WriteAsync(this Chromium browser, string text)
    {
        await browser.ById("text-input").FillAsync(text);
        await browser.ById("text-input").PressAsync("Enter");
    }

    public static Task SeesAsync(this Chromium browser, string testId, string text) =>
        Expect(browser.ById(testId)).ToContainTextAsync(text, new LocatorAssertionsToContainTextOptions { IgnoreCase = true });

    public static async Task HangUpAsync(this Chromium browser)
    {
        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("ended");
    }

    public static Task<bool> TrueAsync(this IPage page, string expression) => page.EvaluateAsync<bool>(expression);

    /// <summary>Waits until something of the host has come about.</summary>
    /// <param name="condition">The condition to wait for.</param>
    /// <param name="what">Its words in the failure.</param>
    public static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        UntilAsync(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="UntilAsync(Func{bool}, string)"/>
    public static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began).TotalMilliseconds < Patience, $"This never became true: {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Waits for a JavaScript expression to become true. It looks from inside one evaluated function, because the page's
    /// policy forbids the strings that Playwright's own waiting would evaluate there.
    /// </summary>
    public static Task BecomesAsync(this IPage page, string expression) =>
        page.EvaluateAsync(
            $$"""
            expression => new Promise((yes, no) => {
              const end = performance.now() + {{Patience}};
              const look = () => {
                let true_ = false;
                try { true_ = {{expression}}; } catch { /* Not there yet. */ }
                if (true_) yes();
                else if (performance.now() > end) no(new Error('This never became true: ' + expression));
                else setTimeout(look, 20);
              };
              look();
            })
            """,
            expression);
}
