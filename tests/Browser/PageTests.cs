using System.Text.RegularExpressions;
using Bridge.RehearsalHosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The page as a person meets it: gallery, call, what is left of it, and what goes wrong.</summary>
public sealed class PageTests(ITestOutputHelper output)
{
    private static readonly ViewportSize Narrow = new() { Width = 320, Height = 640 };

    [Fact]
    public async Task The_gallery_shows_each_role_and_is_walked_with_the_keyboard()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.GotoAsync("/");
        var card = browser.Page.Locator("[data-role=cooking-guide]");
        await Expect(card).ToContainTextAsync("Cooking guide");
        await Expect(card).ToContainTextAsync("Cooks with you");
        await Expect(browser.ById("model")).ToHaveTextAsync("Rehearsal model");
        await Expect(browser.ById("role-errors")).ToHaveCountAsync(0);

        for (var presses = 0; presses < 12
            && !await browser.Page.TrueAsync("document.activeElement.dataset.role === 'cooking-guide'"); presses++)
        {
            await browser.Page.Keyboard.PressAsync("Tab");
        }

        await browser.Page.Keyboard.PressAsync("Enter");
        await Expect(browser.Page).ToHaveURLAsync(new Regex("/call/cooking-guide$"));
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await browser.Page.GoBackAsync();
        await Expect(browser.ById("role-card").First).ToBeVisibleAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_broken_role_shows_its_errors_to_the_developer()
    {
        using var roles = new TestRoles().Copy("_shared").Copy("demo");
        roles.Write("broken/role.yaml", "name: Broken\nvoise: { name: marin }\n");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.GotoAsync("/");
        await Expect(browser.ById("role-errors")).ToHaveCountAsync(1);
        await Expect(browser.ById("role-errors")).ToContainTextAsync("role.yaml");
        await Expect(browser.ById("role-errors")).ToContainTextAsync("voise");
    }

    [Fact]
    public async Task Without_roles_and_without_a_server_the_gallery_says_what_to_do()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        var fail = true;
        await browser.Page.RouteAsync("**/api/roles", route => fail
            ? route.FulfillAsync(new RouteFulfillOptions { Status = 503 })
            : route.FulfillAsync(
                new RouteFulfillOptions
                {
                    ContentType = "application/json", Body = """{"model":{"kind":"openai","name":"gpt-realtime"},"roles":[]}""",
                }));
        await browser.Page.GotoAsync("/");
        await Expect(browser.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("could not be loaded");
        await AccessibilityTests.PassesAsync(browser.Page, "gallery that can not be loaded");
        fail = false;
        await browser.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Try again" }).ClickAsync();
        await Expect(browser.Page.Locator(".blank")).ToContainTextAsync("no roles yet");
        await Expect(browser.ById("model")).ToHaveTextAsync("gpt-realtime");
    }

    [Fact]
    public async Task A_role_that_does_not_exist_is_said_to_be_unknown()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.GotoAsync("/call/nobody");
        await Expect(browser.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no role of this name");
        await AccessibilityTests.PassesAsync(browser.Page, "no such role");
        await Expect(browser.ById("start")).ToHaveCountAsync(0);
        Assert.Equal(0, await browser.Page.EvaluateAsync<int>("window.__probe.constraints.length"));
    }

    [Fact]
    public async Task A_refused_microphone_is_explained_and_the_call_goes_on_in_writing()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await Chromium.OpenAsync(host.Address, grant: false);
        await browser.StartAsync("demo");
        await Expect(browser.ById("mic-problem")).ToContainTextAsync("You can type instead");
        await AccessibilityTests.PassesAsync(browser.Page, "no microphone");
        await Expect(browser.ById("mute")).ToHaveCountAsync(0);
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        await browser.HangUpAsync();
    }

    [Fact]
    public async Task A_call_shows_words_and_markdown_and_leaves_a_recap()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.Context.GrantPermissionsAsync(["microphone", "clipboard-read", "clipboard-write"]);
        await browser.StartAsync("demo");
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("user-transcript", "What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        await Expect(browser.ById("stage").Locator("td code").First).ToHaveTextAsync("role.yaml");
        await Expect(browser.ById("announcer")).ToContainTextAsync("You: What is a role?");
        await browser.HangUpAsync();

        await browser.SeesAsync("recap", "The Bridge, in short");
        await Expect(browser.ById("end-reason")).ToHaveTextAsync("You hung up.");
        await browser.ById("copy-transcript").ClickAsync();
        var copied = await browser.Page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.Contains("You: What is a role?", copied, StringComparison.Ordinal);
        var download = await browser.Page.RunAndWaitForDownloadAsync(() => browser.ById("download").ClickAsync());
        Assert.EndsWith(".txt", download.SuggestedFilename, StringComparison.Ordinal);
        Assert.Contains(
            "The Bridge, in short",
            await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Mute_hold_to_talk_and_devices_work_in_the_middle_of_a_call()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("demo");
        const string Sending = "window.__probe.peers.at(-1).getSenders()[0].track?.enabled";
        await browser.Page.BecomesAsync($"{Sending} === true");
        await browser.ById("mute").ClickAsync();
        await Expect(browser.ById("mute")).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.False(await browser.Page.TrueAsync(Sending));
        await browser.ById("mute").ClickAsync();

        await browser.ById("settings").ClickAsync();
        var before = await browser.Page.EvaluateAsync<string>("window.__probe.peers.at(-1).getSenders()[0].track.id");
        var inputs = browser.ById("input-device").Locator("option");
        await Expect(inputs).Not.ToHaveCountAsync(0);
        await browser.ById("input-device").SelectOptionAsync(new SelectOptionValue { Index = await inputs.CountAsync() - 1 });
        await browser.Page.BecomesAsync($"window.__probe.peers.at(-1).getSenders()[0].track.id !== '{before}'");
        Assert.Equal(1, await browser.Page.EvaluateAsync<int>("window.__probe.peers.length"));
        var outputs = browser.ById("output-device").Locator("option");
        await Expect(outputs).Not.ToHaveCountAsync(0);
        await browser.ById("output-device").SelectOptionAsync(new SelectOptionValue { Index = await outputs.CountAsync() - 1 });
        var chosen = await browser.ById("output-device").InputValueAsync();
        await browser.Page.BecomesAsync($"window.__probe.sinks.at(-1) === '{chosen}'");

        await browser.ById("ptt-mode").CheckAsync();
        await browser.Page.BecomesAsync($"{Sending} === false");
        await browser.Page.Keyboard.PressAsync("Escape");
        await Expect(browser.Page.Locator("#sound")).ToBeHiddenAsync();
        await Expect(browser.ById("settings")).ToBeFocusedAsync();
        await browser.ById("ptt").FocusAsync();
        await browser.Page.Keyboard.DownAsync("Space");
        await browser.Page.BecomesAsync($"{Sending} === true");
        await Expect(browser.ById("ptt")).ToHaveAttributeAsync("aria-pressed", "true");
        await browser.Page.Keyboard.UpAsync("Space");
        await browser.Page.BecomesAsync($"{Sending} === false");
        await browser.HangUpAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task It_speaks_French_and_remembers_that()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.GotoAsync("/");
        await browser.ById("language").SelectOptionAsync("fr");
        await Expect(browser.Page.Locator("h1")).ToHaveTextAsync("À qui souhaitez-vous parler ?");
        await browser.Page.ReloadAsync();
        await Expect(browser.Page.Locator("html")).ToHaveAttributeAsync("lang", "fr");
        await browser.StartAsync("lamp");
        await browser.StateAsync("à l’écoute");
        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("terminé");
    }

    [Fact]
    public async Task Nothing_runs_over_the_edge_at_320_pixels_in_any_language_or_direction()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync(Narrow);
        async Task FitsAsync(string place)
        {
            // Arabic has no words of its own here yet; what it has is its direction.
            foreach (var language in new[] { "fr", "de", "en", "ar" })
            {
                if (language != "ar")
                {
                    await browser.ById("language").SelectOptionAsync(language);
                }

                await browser.Page.EvaluateAsync(
                    "dir => new Promise(done => { document.documentElement.dir = dir; requestAnimationFrame(done); })",
                    language == "ar" ? "rtl" : "ltr");
                var over = await browser.Page.EvaluateAsync<string[]>("""
                    () => [...document.querySelectorAll('body *')]
                      .filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && !e.closest('.visually-hidden, .skip, pre, table, .caption') && (r.right > innerWidth + 1 || r.left < -1); })
                      .map(e => `${e.tagName}.${e.className?.baseVal ?? e.className}`)
                    """);
                Assert.True(over.Length == 0, $"{place} {language}: {string.Join(", ", over)}");
                Assert.False(
                    await browser.Page.TrueAsync("document.documentElement.scrollWidth > innerWidth"),
                    $"{place} {language} scrolls sideways");
            }

            await browser.Page.EvaluateAsync("document.documentElement.dir = 'ltr'");
            await browser.ById("language").SelectOptionAsync("en");
        }

        // The direction is that of the words, and Arabic ones there are none yet.
        await browser.Page.GotoAsync("/?lang=ar");
        await Expect(browser.Page.Locator("html")).ToHaveAttributeAsync("dir", "ltr");
        await Expect(browser.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await browser.Page.GotoAsync("/");
        await Expect(browser.ById("role-card").First).ToBeVisibleAsync();
        await FitsAsync("gallery");
        await browser.Page.GotoAsync("/call/demo");
        await Expect(browser.ById("start")).ToBeVisibleAsync();
        await FitsAsync("before the call");
        await browser.StartAsync("demo");
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "role.yaml");
        await FitsAsync("call");
        await browser.ById("settings").ClickAsync();
        await FitsAsync("sound");
        await browser.ById("settings").ClickAsync();
        await browser.ById("inspect").ClickAsync();
        await Expect(browser.ById("inspector")).ToBeVisibleAsync();
        await FitsAsync("inspector");
        await browser.ById("inspect-close").ClickAsync();
        await browser.ById("hangup").ClickAsync();
        await Expect(browser.ById("recap")).ToBeVisibleAsync();
        await FitsAsync("recap");
    }

    [Fact]
    public async Task The_page_is_painted_at_once_and_does_not_jump()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.AddInitScriptAsync("""
            window.__shift = 0;
            new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.__shift += e.value; }).observe({ type: 'layout-shift', buffered: true });
            new PerformanceObserver(l => { for (const e of l.getEntries()) window.__largest = e.startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
            """);
        foreach (var place in new[] { "/", "/call/demo" })
        {
            await browser.Page.GotoAsync(place);
            await Expect(browser.Page.Locator("h1")).ToBeVisibleAsync();
            await browser.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await browser.Page.BecomesAsync("window.__largest > 0 && performance.getEntriesByName('first-contentful-paint').length > 0");
            var paint = await browser.Page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
            var largest = await browser.Page.EvaluateAsync<double>("window.__largest");
            var shift = await browser.Page.EvaluateAsync<double>("window.__shift");
            output.WriteLine($"{place}: first paint {paint:F0} ms, largest {largest:F0} ms, layout shift {shift:F4}");
            Assert.True(shift < 0.02, $"{place} shifts by {shift}");
        }
    }

    [Fact]
    public async Task Nothing_that_the_browser_receives_holds_a_prompt_or_a_key()
    {
        using var roles = TestRoles.WithLamp();

        // The one has a key, and the other is the service that it is for.
        await using var service = await BrowserHost.StartAsync(("Roles", roles.Path));
        var endpoint = service.Get<RehearsalHost>().Endpoint("lamp");
        await using var host = await BrowserHost.StartAsync(
            ("Roles", roles.Path), ("OpenAi:ApiKey", endpoint.Key), ("OpenAi:BaseUrl", endpoint.BaseUrl.ToString()),
            ("OpenAi:Model", endpoint.Model));
        await using var browser = await host.OpenQuietAsync();
        var received = new System.Collections.Concurrent.ConcurrentBag<string>();
        var policies = new System.Collections.Concurrent.ConcurrentBag<string>();
        var reading = new System.Collections.Concurrent.ConcurrentBag<Task>();
        browser.Page.Response += (_, response) =>
        {
            policies.Add(response.Headers.GetValueOrDefault("content-security-policy", ""));
            received.Add(string.Join('\n', response.Headers.Select(h => $"{h.Key}: {h.Value}")));
            if (response.Status is 200 or >= 400)
            {
                reading.Add(Task.Run(async () => received.Add(await response.TextAsync())));
            }
        };
        browser.Page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => received.Add(frame.Text ?? "");
        await browser.Page.AddInitScriptAsync("""
            window.__violations = [];
            window.__traffic = true;
            addEventListener('securitypolicyviolation', e => window.__violations.push(e.violatedDirective + ' ' + e.blockedURI));
            """);
        await browser.Page.GotoAsync("/");
        await browser.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        // A body can be read only as long as its page stands.
        await Task.WhenAll([.. reading]);
        await browser.StartAsync("lamp", query: "?inspect");
        await browser.WriteAsync("Make it red");
        await browser.SeesAsync("agent-transcript", "Red it is");
        await browser.HangUpAsync();
        await browser.SeesAsync("recap", "You looked at");
        var messages = await browser.Page.EvaluateAsync<string[]>("window.__probe.received");
        await Task.WhenAll(reading);

        // All three ways were listened to.
        Assert.Contains(messages, m => m.Contains("call/event", StringComparison.Ordinal));
        Assert.Contains(messages, m => m.Contains("call/recap", StringComparison.Ordinal));
        Assert.Contains(received, m => m.Contains("resumeToken", StringComparison.Ordinal));
        Assert.Contains(received, m => m.Contains("Lights the lamp on your page", StringComparison.Ordinal));
        foreach (var text in received.Concat(messages))
        {
            Assert.DoesNotContain(endpoint.Key, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("XYZZY-4711", text, StringComparison.Ordinal);
            Assert.DoesNotContain("You sell lamps", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Sum the conversation up", text, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"\bsk-[A-Za-z0-9_-]{16,}|OPENAI_API_KEY", text);
        }

        Assert.Empty(await browser.Page.EvaluateAsync<string[]>("window.__violations"));
        Assert.All(policies, p => Assert.Contains("script-src 'self'", p, StringComparison.Ordinal));
        Assert.All(policies, p => Assert.DoesNotContain("unsafe", p, StringComparison.Ordinal));
    }
}
