using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>WCAG 2.2 AA as far as axe can see, in every state of the page, light and dark.</summary>
public sealed class AccessibilityTests
{
    private static readonly string Axe = Path.Combine(Repository.Root, "src", "Client", "node_modules", "axe-core", "axe.min.js");

    // A desk, the narrowest phone, and a desk at 400 % zoom (WCAG 1.4.10: 320 by 256 CSS pixels).
    private static readonly (int Width, int Height)[] Sizes = [(1280, 800), (320, 640), (320, 256)];

    [Fact]
    public async Task Every_state_of_the_page_passes_axe_at_every_size_in_light_and_dark()
    {
        using var roles = new TestRoles().Copy("_shared").Copy("cooking-guide")
            .Write("broken/role.yaml", "name: Broken\nvoise: { name: marin }\n");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        Task PassesAsync(string place) => AccessibilityTests.PassesAsync(page, place);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ReducedMotion = ReducedMotion.Reduce });
        await page.GotoAsync("/");
        await Expect(browser.ById("role-errors")).ToBeVisibleAsync();
        await PassesAsync("gallery");

        await page.GotoAsync("/call/cooking-guide");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await Expect(browser.ById("rehearsal")).ToContainTextAsync("a script answers, not an AI");
        await PassesAsync("before the call");

        await browser.StartAsync("cooking-guide");
        await browser.WriteAsync("pancakes please");
        await browser.SeesAsync("stage", "pancake");

        // The agent has said what it says, and what the page shows next is what the test tells it.
        await browser.StateAsync("speaking");
        await browser.StateAsync("listening");
        var rpc = Assert.Single(host.Calls.Calls).Rpc;
        foreach (var state in new[] { "connecting", "thinking", "speaking", "reconnecting", "listening" })
        {
            Assert.True(rpc.Notify("call/state", new { state }));
            await browser.StateAsync(state);
            if (state == "thinking")
            {
                Assert.True(rpc.Notify("call/waiting", new { words = "I am still looking." }));
                await Expect(browser.ById("waiting")).ToBeVisibleAsync();
            }

            await PassesAsync(state);
        }

        Assert.True(
            rpc.Notify(
                "tool/activity", new { callId = "a", name = "find_salt", target = "http", phase = "progress", message = "still looking" }));
        Assert.True(
            rpc.Notify(
                "call/transcript",
                new { itemId = "x", speaker = "agent", text = "Heard and not heard", final = true, interrupted = true, heard = 5 }));
        await Expect(browser.ById("tool-cancel")).ToBeVisibleAsync();
        await browser.ById("settings").ClickAsync();
        await PassesAsync("sound, a function at work, unheard words");
        await browser.ById("settings").ClickAsync();

        await browser.ById("inspect").ClickAsync();
        await Expect(browser.ById("inspector").Locator("canvas").First).ToBeVisibleAsync();
        await PassesAsync("inspector");
        await page.Keyboard.PressAsync("Escape");
        await Expect(browser.ById("inspector")).ToHaveCountAsync(0);

        await browser.HangUpAsync();
        await Expect(browser.ById("recap")).ToBeVisibleAsync();
        await PassesAsync("recap");
    }

    [Fact]
    public async Task What_lasts_a_moment_passes_axe_too()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        var listed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync("**/api/roles", async route =>
        {
            await listed.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync("/");
        await Expect(page.Locator("ul.cards[aria-busy=true]")).ToBeVisibleAsync();
        await PassesAsync(page, "roles that are not listed yet");
        listed.SetResult();
        await page.UnrouteAllAsync();

        await browser.StartAsync("lamp");
        await browser.WriteAsync("hello");
        await browser.SeesAsync("user-transcript", "hello");
        await browser.HangUpAsync();
        var after = page.Locator("bridge-after-call");

        // Recap and reason of this call may still be on their way, and would take the place of what is tried here.
        await after.EvaluateAsync("""
            e => {
              for (const name of ['recap', 'reason']) Object.defineProperty(e, name, { get: () => undefined, set: () => {} });
              e.fault = 'The offer has no audio.';
              e.requestUpdate();
            }
            """);
        await Expect(browser.ById("fault")).ToBeVisibleAsync();
        await Expect(page.Locator("article[aria-busy=true]")).ToBeVisibleAsync();
        await PassesAsync(page, "a recap that is being written, and a developer's line");
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
    public async Task A_whole_call_is_held_with_the_keyboard_alone_and_announced()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        async Task TabToAsync(string what)
        {
            for (var presses = 0; presses < 20 && !await page.TrueAsync($"document.activeElement.matches(`{what}`)"); presses++)
            {
                await page.Keyboard.PressAsync("Tab");
                Assert.True(
                    await page.TrueAsync(
                        "(e => [e, e.closest('label, li') ?? e].some(n => getComputedStyle(n).outlineStyle !== 'none') || "
                            + "getComputedStyle(e.closest('form') ?? e).boxShadow !== 'none')(document.activeElement)"),
                    $"The focus is not to be seen on {await page.EvaluateAsync<string>("document.activeElement.outerHTML.slice(0, 200)")}");
            }

            Assert.True(await page.TrueAsync($"document.activeElement.matches(`{what}`)"), $"{what} is not reached by Tab.");
        }

        await page.GotoAsync("/");
        await Expect(browser.ById("role-card")).ToBeVisibleAsync();
        await TabToAsync("[data-role=lamp]");
        await page.Keyboard.PressAsync("Enter");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await TabToAsync("[data-testid=start]");
        await page.Keyboard.PressAsync("Enter");
        await Expect(browser.ById("announcer")).ToHaveAttributeAsync("aria-live", "polite");
        await Expect(browser.ById("announcer")).ToContainTextAsync("Lamp shop: Welcome");
        await TabToAsync("[data-testid=text-input]");
        await page.Keyboard.TypeAsync("blue");
        await page.Keyboard.PressAsync("Enter");
        await Expect(browser.ById("announcer")).ToContainTextAsync("You: blue");
        foreach (var name in new[] { "Hang up", "Mute", "Stop the answer", "Sound", "Inspector", "Send" })
        {
            await Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name })).ToHaveCountAsync(1);
        }

        await TabToAsync("[data-testid=settings]");
        await page.Keyboard.PressAsync("Space");
        await TabToAsync("[data-testid=ptt-mode]");
        await page.Keyboard.PressAsync("Escape");
        await TabToAsync("[data-testid=inspect]");
        await page.Keyboard.PressAsync("Enter");
        await Expect(browser.ById("inspector")).ToBeVisibleAsync();
        await page.BecomesAsync("document.activeElement.closest('.inspector')");
        await page.Keyboard.PressAsync("Escape");
        await TabToAsync("[data-testid=hangup]");
        await page.Keyboard.PressAsync("Enter");
        await browser.StateAsync("ended");
        await Expect(browser.ById("announcer")).ToContainTextAsync("Call ended.");
    }

    /// <summary>Fails with what axe finds at any of the sizes, and in the dark.</summary>
    internal static async Task PassesAsync(IPage page, string place)
    {
        await page.EmulateMediaAsync(
            new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark, ReducedMotion = ReducedMotion.Reduce });
        await CheckAsync(page, $"{place} (dark)");
        await page.EmulateMediaAsync(
            new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
        foreach (var (width, height) in Sizes.Reverse())
        {
            await page.SetViewportSizeAsync(width, height);
            await CheckAsync(page, $"{place} ({width} x {height})");
        }
    }

    /// <summary>Fails with what axe finds on the page, shadow roots included.</summary>
    internal static async Task CheckAsync(IPage page, string place)
    {
        Assert.SkipUnless(File.Exists(Axe), "axe-core is not installed: run npm ci in src/Client.");
        if (!await page.TrueAsync("'axe' in window"))
        {
            await page.EvaluateAsync(await File.ReadAllTextAsync(Axe, TestContext.Current.CancellationToken));
        }

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
