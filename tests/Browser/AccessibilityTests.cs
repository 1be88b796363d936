using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>WCAG 2.2 AA as far as axe can see, in every state of the page, light and dark.</summary>
public sealed class AccessibilityTests
{
    private static readonly string Axe = Path.Combine(Repository.Root, "src", "Client", "node_modules", "axe-core", "axe.min.js");

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Every_state_of_the_page_passes_axe(ColorScheme scheme)
    {
        Assert.SkipUnless(File.Exists(Axe), "axe-core is not installed: run npm ci in src/Client.");
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });

        await page.GotoAsync("/");
        await Expect(browser.ById("role-card").First).ToBeVisibleAsync();
        await CheckAsync(page, "gallery");

        await page.GotoAsync("/call/cooking-guide");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await CheckAsync(page, "before the call");

        await browser.StartAsync("cooking-guide");
        await browser.WriteAsync("pancakes please");
        await browser.SeesAsync("stage", "pancake");
        await CheckAsync(page, "call");

        await browser.ById("settings").ClickAsync();
        await CheckAsync(page, "sound");
        await browser.ById("settings").ClickAsync();

        await browser.ById("inspect").ClickAsync();
        await Expect(browser.ById("inspector").Locator("canvas").First).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 15_000 });
        await CheckAsync(page, "inspector");
        await page.Keyboard.PressAsync("Escape");
        await Expect(browser.ById("inspector")).ToHaveCountAsync(0);

        await browser.HangUpAsync();
        await Expect(browser.ById("recap")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
        await CheckAsync(page, "recap");
    }

    [Fact]
    public async Task With_reduced_motion_nothing_moves()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        await browser.Page.GotoAsync("/call/demo");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await browser.Page.EvaluateAsync("""
            () => {
              window.__drawn = 0;
              const fill = CanvasRenderingContext2D.prototype.fillRect;
              CanvasRenderingContext2D.prototype.fillRect = function (...a) { window.__drawn++; return fill.apply(this, a); };
              window.__frames = 0;
              const frame = () => { window.__frames++; requestAnimationFrame(frame); };
              requestAnimationFrame(frame);
            }
            """);
        await browser.Page.BecomesAsync("window.__frames > 60");
        Assert.Equal(0, await browser.Page.EvaluateAsync<int>("window.__drawn"));
        Assert.Equal(0, await browser.Page.EvaluateAsync<int>("document.getAnimations().filter(a => a.playState === 'running').length"));
    }

    [Fact]
    public async Task States_and_finished_words_are_announced_and_every_control_has_a_name()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("demo");
        await Expect(browser.ById("announcer")).ToHaveAttributeAsync("aria-live", "polite");
        await Expect(browser.ById("announcer")).ToContainTextAsync("Demo: Hello", new LocatorAssertionsToContainTextOptions { Timeout = 30_000 });
        foreach (var name in new[] { "Hang up", "Mute", "Stop the answer", "Sound", "Inspector", "Send" })
        {
            await Expect(browser.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name })).ToHaveCountAsync(1);
        }

        // From the text box to hanging up with the keyboard alone.
        await browser.ById("text-input").FocusAsync();
        for (var presses = 0; presses < 12 && !await browser.Page.TrueAsync("document.activeElement.dataset.testid === 'hangup'"); presses++)
        {
            await browser.Page.Keyboard.PressAsync("Tab");
            Assert.True(await browser.Page.TrueAsync("getComputedStyle(document.activeElement).outlineStyle !== 'none' || document.activeElement.closest(':focus-within, :has(:focus-visible)') !== null"));
        }

        await browser.Page.Keyboard.PressAsync("Enter");
        await browser.StateAsync("ended");
    }

    private static async Task CheckAsync(IPage page, string place)
    {
        await page.EvaluateAsync(await File.ReadAllTextAsync(Axe, TestContext.Current.CancellationToken));
        var result = await page.EvaluateAsync<JsonElement>("""
            async () => {
              const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
              return violations.map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html.slice(0, 160)).join(' | ')}`);
            }
            """);
        var violations = result.EnumerateArray().Select(v => v.GetString()).ToList();
        Assert.True(violations.Count == 0, $"{place}:\n{string.Join("\n", violations)}");
    }
}
