using Bridge.Calls;
using Bridge.Realtime.Conversation;
using Bridge.Realtime.Model;
using Bridge.Records;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The operator's page in a real browser: sign-in, what it shows and does, and that all it shows is text.</summary>
public sealed class OperatorTests
{
    private const string Key = "operators-have-this-key-of-32-characters";
    private const string Hostile = "<img src=x onerror=\"window.__hit=1\"><script>window.__hit=1</script> \u202Eevil";
    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddHours(-2);

    // Of the rest of the page's tests: a desk, the narrowest phone, a desk at 400 %.
    private static readonly (int Width, int Height)[] Sizes = [(1280, 800), (320, 640), (320, 256)];

    [Fact]
    public async Task A_living_call_appears_and_is_ended_and_its_caller_is_told()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("Access:OperatorKey", Key));
        await using var watcher = await host.OpenQuietAsync();
        await watcher.Page.GotoAsync("/operator");
        await SignInAsync(watcher, "a-key-that-is-wrong");
        await Expect(watcher.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await SignInAsync(watcher, Key);
        await Expect(watcher.ById("count")).ToHaveTextAsync("0");

        await using var caller = await host.OpenQuietAsync();
        await caller.StartAsync("lamp");
        await Expect(watcher.ById("live")).ToContainTextAsync("Lamp shop");
        await Expect(watcher.Page.Locator(".vu-lit").Nth(1)).Not.ToHaveAttributeAsync("width", "0.0");
        await caller.StateAsync("listening");
        await watcher.StateAsync("listening");

        // A row that is updated keeps its element, and so the focus.
        await watcher.ById("end").FocusAsync();
        await watcher.Page.EvaluateAsync(
            "() => { window.__row = document.querySelector('[data-call]'); window.__cost = __row.innerText; }");
        await watcher.Page.BecomesAsync("document.querySelector('[data-call]').innerText !== window.__cost");
        Assert.True(await watcher.Page.TrueAsync("document.querySelector('[data-call]') === window.__row"));
        Assert.True(await watcher.Page.TrueAsync("document.activeElement.matches('[data-testid=end]')"));

        await watcher.ById("end").ClickAsync();
        await watcher.ById("no").ClickAsync();
        Assert.False(host.Calls.Calls.Single().IsEnding);
        await watcher.ById("end").ClickAsync();
        await watcher.ById("yes").ClickAsync();
        await caller.StateAsync("ended");
        await Expect(caller.Page.GetByText("The operator of this server ended the call.")).ToBeVisibleAsync();
        await Expect(watcher.ById("count")).ToHaveTextAsync("0");

        await watcher.ById("sign-out").ClickAsync();
        await Expect(watcher.ById("sign-in")).ToBeVisibleAsync();
        Assert.Equal(0, await watcher.Page.EvaluateAsync<int>("sessionStorage.length"));
        Assert.All(watcher.Errors, e => Assert.Contains("404", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ended_calls_are_found_read_as_a_timeline_and_erased_and_hostile_words_are_text()
    {
        using var roles = new TestRoles().Write("bad/role.yaml", "name: \"<b onclick=alert(1)>x\"\ndescription: Bad.\nvoise: 1\n")
            .Write("bad/agent.instruct", "A secret prompt.");
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path), ("Access:OperatorKey", Key));
        await FillAsync(host);
        await using var watcher = await host.OpenQuietAsync();
        var page = watcher.Page;
        await page.GotoAsync("/operator#/calls");
        await PassesAsync(page, "sign-in");
        await SignInAsync(watcher, Key);
        await Expect(watcher.ById("calls").Locator("li")).ToHaveCountAsync(50);
        await watcher.ById("more").ClickAsync();
        await Expect(watcher.ById("calls").Locator("li")).ToHaveCountAsync(61);
        await PassesAsync(page, "calls");
        await watcher.ById("search").FillAsync("gyoza");
        await watcher.ById("find").ClickAsync();
        await Expect(watcher.ById("calls").Locator("li")).ToHaveCountAsync(1);

        await watcher.ById("calls").Locator("a").ClickAsync();
        await Expect(watcher.ById("story").Locator("[data-kind=interrupted] del")).ToHaveTextAsync(" and never heard this");
        Assert.Equal(
            "Two gyoza, and never heard this", // as it is shown: white space of the template would show, too
            await page.EvaluateAsync<string>("document.querySelector('[data-kind=interrupted] .words').innerText"));
        await Expect(watcher.ById("story")).ToContainTextAsync("evil");
        await Expect(watcher.ById("story")).ToContainTextAsync("412");
        await Expect(watcher.ById("reason")).ToHaveTextAsync("The caller hung up");
        await page.Locator("[data-kind=tool] summary").ClickAsync();
        await PassesAsync(page, "timeline");
        Assert.Equal(0, await page.Locator("#app img[src=x], #app script, main b[onclick]").CountAsync());
        Assert.False(await page.TrueAsync("'__hit' in window"));

        await watcher.ById("erase").ClickAsync();
        await watcher.ById("yes").ClickAsync();
        await Expect(watcher.ById("calls").Or(page.Locator(".blank"))).ToBeVisibleAsync();
        Assert.Null(await host.Get<ICallStore>().FindAsync("abc1", TestContext.Current.CancellationToken));

        await page.GotoAsync("/operator#/charts");
        await Expect(page.Locator(".plot canvas")).ToHaveCountAsync(4);
        await page.GetByText("As a table").First.ClickAsync();
        await PassesAsync(page, "charts");
        await page.GotoAsync("/operator#/roles");
        await Expect(watcher.ById("roles")).ToContainTextAsync("bad/role.yaml:3");
        await Expect(page.Locator("body")).Not.ToContainTextAsync("secret");
        await PassesAsync(page, "roles");
        await page.GotoAsync("/operator#/health");
        await Expect(watcher.ById("health")).ToContainTextAsync("sqlite");
        await PassesAsync(page, "health");
        foreach (var language in new[] { "de", "fr" })
        {
            await watcher.ById("language").SelectOptionAsync(language);
            await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", language);
            await FitsAsync(page, language);
        }

        Assert.All(watcher.Errors, e => Assert.Contains("404", e, StringComparison.Ordinal));
    }

    private static async Task SignInAsync(Chromium watcher, string key)
    {
        await watcher.ById("sign-in").Locator("input").FillAsync(key);
        await watcher.ById("sign-in").Locator("button").ClickAsync();
    }

    private static async Task PassesAsync(IPage page, string place)
    {
        // A row that is half under the header that stays would be measured as a target of half its height.
        await page.EvaluateAsync("scrollTo(0, 0)");
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            await AccessibilityTests.CheckAsync(page, $"{place} ({scheme})");
        }

        foreach (var (width, height) in Sizes.Reverse())
        {
            await page.SetViewportSizeAsync(width, height);
            await FitsAsync(page, $"{place} ({width} x {height})");
            await AccessibilityTests.CheckAsync(page, $"{place} ({width} x {height})");
        }
    }

    private static async Task FitsAsync(IPage page, string place) => Assert.True(
        await page.TrueAsync("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), $"{place} scrolls sideways.");

    private static async Task FillAsync(BrowserHost host)
    {
        List<RecordWrite> writes = [];
        for (var i = 0; i < 60; i++)
        {
            var id = $"f{i:x3}";
            writes.Add(new RecordWrite.Begun(id, new CallOrigin("other", "bad", "m", Begin.AddSeconds(i), Hostile, null, [])));
            writes.Add(new RecordWrite.Turn(id, 0, new TurnTimes(Begin.AddSeconds(i), 400 + i, 5)));
            writes.Add(new RecordWrite.Ended(id, new CallClosing("bad", Begin.AddSeconds(i + 60), "hangup", Hostile, 0, null)));
        }

        writes.Add(new RecordWrite.Begun("abc1", new CallOrigin("other", "bad", "m", Begin, "ada", null, [])));
        ConversationEntry[] facts =
        [
            new ConversationEntry.ItemAdded(
                TimeSpan.FromSeconds(1), new ModelItem("a1", ModelItemKind.AgentMessage) { IsAudio = true, Text = "x" }, null),
            new ConversationEntry.Truncated(TimeSpan.FromSeconds(3), "a1", 900, 2_000, "Two gyoza,", " and never heard this"),
            new ConversationEntry.ItemAdded(
                TimeSpan.FromSeconds(4), new ModelItem("u1", ModelItemKind.UserMessage) { Text = Hostile }, null),
            new ConversationEntry.ItemAdded(
                TimeSpan.FromSeconds(5),
                new ModelItem("f1", ModelItemKind.FunctionCall) { CallId = "c1", Name = "save<b>", Arguments = "{\"a\":\"<i>\"}" }, null),
            new ConversationEntry.ItemAdded(
                TimeSpan.FromSeconds(6), new ModelItem("o1", ModelItemKind.FunctionOutput) { CallId = "c1", Output = Hostile }, null),
        ];
        writes.AddRange(facts.Select((f, n) => new RecordWrite.Entry("abc1", n, f, Bridge.Roles.Settings.TranscriptPolicy.Yes)));
        writes.Add(new RecordWrite.Turn("abc1", 0, new TurnTimes(Begin.AddSeconds(1.5), 412, 6)));
        writes.Add(new RecordWrite.Note("abc1", new CallNote("n1", Begin.AddSeconds(7), Hostile, Hostile, null)));
        writes.Add(new RecordWrite.Ended("abc1", new CallClosing("bad", Begin.AddSeconds(20), CallEnd.Hangup, Hostile, 0, null)));
        await host.Get<ICallStore>().WriteAsync(writes, TestContext.Current.CancellationToken);
    }
}
