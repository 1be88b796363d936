using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>
/// Long words, little room, and a page that is zoomed: what is there to be read is read, and what is there to be pressed is reached.
/// </summary>
public sealed class FitTests
{
    private const string Longest = "Rindfleischetikettierungsüberwachungsaufgabenübertragung";

    [Theory]
    [InlineData(320, 640)]
    [InlineData(390, 844)]
    [InlineData(3840, 2160)]
    public async Task Names_and_words_of_any_length_stay_in_their_place(int width, int height)
    {
        using var roles = WithLongWords();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync(new ViewportSize { Width = width, Height = height });
        await browser.Page.GotoAsync("/");
        await Expect(browser.ById("role-card")).ToBeVisibleAsync();
        await FitsAsync(browser.Page, "gallery");
        await browser.ById("role-card").ClickAsync();
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await FitsAsync(browser.Page, "before the call");
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", Longest);
        await browser.WriteAsync($"table {Longest}");
        await browser.SeesAsync("stage", "4,56");
        await browser.SeesAsync("agent-transcript", "There you are");
        await FitsAsync(browser.Page, "call");

        // No word of a caption is cut, and no number of a table broken.
        Assert.Empty(
            await browser.Page.EvaluateAsync<string[]>(
                "[...document.querySelectorAll('.caption p')].filter(p => p.scrollWidth > p.clientWidth + 1).map(p => p.className)"));
        Assert.Empty(await browser.Page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('.markdown td')].filter(td => { const r = document.createRange(); r.selectNodeContents(td); return r.getClientRects().length > 1; }).map(td => td.textContent)
            """));
        await browser.HangUpAsync();
        await Expect(browser.ById("recap")).ToBeVisibleAsync();
        await FitsAsync(browser.Page, "recap");
    }

    [Theory]
    [InlineData(640, 400)]
    [InlineData(320, 200)]
    public async Task A_zoom_of_200_and_400_percent_leaves_words_and_buttons_in_reach(int width, int height)
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync(new ViewportSize { Width = width, Height = height });
        await browser.Page.GotoAsync("/call/demo");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        if (height >= 400)
        {
            Assert.True(
                await browser.Page.TrueAsync("document.querySelector('[data-testid=start]').getBoundingClientRect().bottom <= innerHeight"),
                "The start button is below the fold.");
        }

        await AccessibilityTests.CheckAsync(browser.Page, $"before the call at {width} px");
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        await browser.Page.BecomesAsync("document.querySelector('.caption.agent .now').textContent.length > 20");

        // Whoever scrolls to what the agent says reads it, dock or not.
        await browser.Page.EvaluateAsync(
            "document.querySelector('.caption.agent').scrollIntoView({ block: 'nearest', behavior: 'instant' })");
        Assert.True(
            await browser.Page.TrueAsync(
                "(() => { const words = document.querySelector('.caption.agent').getBoundingClientRect(); const foot = "
                    + "document.querySelector('.foot').getBoundingClientRect(); return words.bottom <= foot.top + 1 && words.height >= 20; "
                    + "})()"),
            await browser.Page.EvaluateAsync<string>(
                "JSON.stringify(['.caption.agent', '.foot', '.presence'].map(s => { const r = "
                    + "document.querySelector(s).getBoundingClientRect(); return [s, r.top, r.bottom]; }))"));
        await FitsAsync(browser.Page, "call");
        await browser.ById("settings").ClickAsync();
        await Expect(browser.Page.Locator("#sound")).ToBeVisibleAsync();
        Assert.True(
            await browser.Page.TrueAsync(
                "(() => { const r = document.querySelector('#sound').getBoundingClientRect(); return r.top >= 0 && r.left >= 0 && r.bottom "
                    + "<= innerHeight && r.right <= innerWidth; })()"),
            "The popover leaves the screen.");
        await AccessibilityTests.CheckAsync(browser.Page, $"call at {width} px");
        await browser.Page.Keyboard.PressAsync("Escape");
        await browser.HangUpAsync();
        await Expect(browser.ById("recap")).ToBeVisibleAsync();
        await FitsAsync(browser.Page, "recap");
        await AccessibilityTests.CheckAsync(browser.Page, $"recap at {width} px");
    }

    [Fact]
    public async Task The_step_that_is_spoken_about_is_not_behind_the_dock()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync(new ViewportSize { Width = 390, Height = 844 });
        await browser.StartAsync("cooking-guide");
        await browser.WriteAsync("pancakes please");
        var step = browser.ById("stage").Locator("[aria-current=step]");
        await Expect(step).ToBeVisibleAsync();
        foreach (var next in new[] { 2, 3, 1 })
        {
            await browser.WriteAsync($"step {next}");
            await Expect(step).ToHaveAttributeAsync("data-step", $"{next}");
            await browser.Page.BecomesAsync(
                "(() => { const step = document.querySelector('[aria-current=step]').getBoundingClientRect(); const foot = "
                    + "document.querySelector('.foot').getBoundingClientRect(); return step.bottom <= foot.top + 1 && step.top >= 0; })()");
        }

        await browser.HangUpAsync();
    }

    [Fact]
    public async Task The_keyboard_is_never_lost_and_the_popover_closes_as_popovers_do()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        await page.GotoAsync("/call/demo");
        await browser.ById("start").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(browser.ById("text-input")).ToBeVisibleAsync();
        await page.BecomesAsync("document.activeElement.tagName === 'H1'");
        var sound = page.Locator("#sound");
        await browser.ById("settings").ClickAsync();
        await Expect(sound).ToBeVisibleAsync();
        await page.Mouse.ClickAsync(200, 200);
        await Expect(sound).ToBeHiddenAsync();
        await browser.ById("settings").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(sound).ToBeVisibleAsync();
        for (var presses = 0; presses < 8 && await sound.IsVisibleAsync(); presses++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await Expect(sound).ToBeHiddenAsync();
        await page.BecomesAsync("document.activeElement !== document.body");
        await browser.ById("settings").ClickAsync();
        await browser.ById("inspect").ClickAsync();
        await Expect(sound).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Escape");
        await browser.ById("hangup").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await browser.StateAsync("ended");
        await page.BecomesAsync("document.activeElement.tagName === 'H1'");

        // A place that takes the keyboard without being a control draws no ring.
        await page.GotoAsync("/");
        await browser.ById("role-card").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        Assert.Equal("none", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('main')).outlineStyle"));
    }

    [Fact]
    public async Task After_the_call_the_stage_stays_as_it_was_and_does_nothing()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        await browser.StartAsync("cooking-guide");
        await browser.WriteAsync("pancakes please");
        var step = browser.ById("stage").Locator("[aria-current=step]");
        await Expect(step).ToBeVisibleAsync();
        const string Looks =
            "(() => { const s = getComputedStyle(document.querySelector('[aria-current=step]')); return [s.backgroundColor, "
                + "s.borderRadius, s.padding, s.display].join(' '); })()";
        await page.BecomesAsync("document.querySelectorAll('link[data-role-style]').length === 1");
        await page.BecomesAsync("document.querySelector('link[data-role-style]').sheet !== null");
        var during = await page.EvaluateAsync<string>(Looks);
        await browser.HangUpAsync();
        await Expect(browser.ById("recap")).ToBeVisibleAsync();
        Assert.Equal(during, await page.EvaluateAsync<string>(Looks));
        Assert.True(await page.TrueAsync("document.querySelector('[aria-current=step]').closest('[inert]') !== null"));
        await AccessibilityTests.PassesAsync(page, "recap with a widget");
        await page.Locator(".after-buttons a").ClickAsync();
        await Expect(browser.ById("role-card").First).ToBeVisibleAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("document.querySelectorAll('link[data-role-style]').length"));
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    private static async Task FitsAsync(IPage page, string place)
    {
        var over = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('body *')]
              .filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && !e.closest('.visually-hidden, .skip, pre, table') && (r.right > innerWidth + 1 || r.left < -1); })
              .map(e => `${e.tagName}.${e.className?.baseVal ?? e.className}`)
            """);
        Assert.True(over.Length == 0, $"{place}: {string.Join(", ", over)}");
        Assert.False(await page.TrueAsync("document.documentElement.scrollWidth > innerWidth"), $"{place} scrolls sideways");
    }

    private static TestRoles WithLongWords()
    {
        var roles = new TestRoles();
        roles.Write("long/agent.instruct", "You use long words.");
        roles.Write("long/recap.instruct", "Sum it up.");
        roles.Write("long/role.yaml", $"""
            name: {Longest}
            emoji: "📜"
            description: {Longest} {Longest}
            language: de
            greeting: true
            tools:
              - name: show
                target: server
                description: Shows a table.
            limits:
              minutes: 5
              tool_steps: 4
            """);
        roles.Write("long/rehearsal.yaml", $"""
            greeting: "Welcome to {Longest}."
            rules:
              - when: [table]
                call:
                  - name: show
                    arguments:
                      title: {Longest}
                      markdown: "| Posten | Menge | Einzelpreis | Betrag |\n|---|---|---|---|\n| {Longest} | 12 | 1,23 € | 4,56 € |"
                then: There you are.
            otherwise: What?
            recap: "## {Longest}"
            """);
        return roles;
    }
}
