using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>A call begins by a person's act alone, and whoever left one is asked, or told what became of it.</summary>
public sealed class ReturnTests
{
    private const string Element =
        "<script type=\"module\" src=\"/sdk/voice-bridge.js\"></script><main><h1>Shop</h1><voice-bridge "
            + "call-role=\"demo\"></voice-bridge></main>";

    [Theory]
    [InlineData("back")]
    [InlineData("address")]
    [InlineData("reload")]
    public async Task A_call_that_ended_while_its_page_was_away_is_shown_and_no_other_begins(string way)
    {
        await using var host = await BrowserHost.StartAsync(("GraceSeconds", "1"));
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("demo");
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        await browser.BlankAsync();
        await Calling.UntilAsync(() => !host.Calls.Calls.Any());
        if (way == "back")
        {
            await browser.Page.GoBackAsync();
        }
        else
        {
            await browser.Page.GotoAsync("/call/demo");
        }

        if (way == "reload")
        {
            await Expect(browser.ById("end-reason")).ToHaveAttributeAsync("data-reason", "call_over");
            await browser.Page.ReloadAsync();
        }

        await Expect(browser.ById("end-reason")).ToHaveTextAsync("The call ended while you were away.");
        await Expect(browser.Page.Locator(".conversation")).ToContainTextAsync("What is a role?");
        await browser.SeesAsync("recap", "The Bridge, in short");
        await browser.SeesAsync("stage", "A role is a folder");
        await Expect(browser.ById("start")).ToHaveTextAsync("Talk again");
        Assert.Empty(host.Calls.Calls);
        Assert.Equal(0, await browser.Page.EvaluateAsync<int>("window.__probe.constraints.length"));

        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        Assert.Single(host.Calls.Calls);
        await browser.HangUpAsync();
        await browser.Page.ReloadAsync();
        await Expect(browser.ById("start")).ToHaveTextAsync("Start talking");
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    [Fact]
    public async Task An_element_on_the_next_page_goes_on_with_a_call_and_begins_none()
    {
        await using var host = await BrowserHost.StartAsync(("GraceSeconds", "20"));
        await using var browser = await host.OpenQuietAsync();
        await browser.BlankAsync("one.html", Element);
        var element = browser.Page.Locator("voice-bridge");
        await element.GetByTestId("start").ClickAsync();
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("voice of the Bridge");
        var call = Assert.Single(host.Calls.Calls);
        await browser.BlankAsync("two.html", Element);
        await Expect(element.GetByTestId("agent-transcript")).ToContainTextAsync("voice of the Bridge");
        Assert.Same(call, Assert.Single(host.Calls.Calls));

        await browser.BlankAsync();
        call.Post(new Bridge.Realtime.Turns.TurnInput.HangUpRequested(Bridge.Calls.CallEnd.TimeLimit));
        await call.Ended.WaitAsync(TestContext.Current.CancellationToken);
        await browser.Page.GotoAsync("/one.html");
        await Expect(element.GetByTestId("end-reason")).ToHaveAttributeAsync("data-reason", "call_over");
        await Expect(element.GetByTestId("conversation")).ToContainTextAsync("voice of the Bridge");
        await Expect(element.GetByTestId("start")).ToHaveTextAsync("Talk again");
        Assert.Empty(host.Calls.Calls);
        Assert.Equal(0, await browser.Page.EvaluateAsync<int>("window.__probe.constraints.length"));
    }

    [Fact]
    public async Task A_window_that_the_page_opens_leaves_the_call_where_it_is()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("demo");
        var copy = await browser.Page.RunAndWaitForPopupAsync(() => browser.Page.EvaluateAsync("window.open('/call/demo') !== null"));
        await Expect(copy.GetByTestId("start")).ToHaveTextAsync("Start talking");
        await copy.GetByTestId("start").ClickAsync();
        await Expect(copy.GetByTestId("agent-transcript")).ToContainTextAsync("voice of the Bridge");
        Assert.Equal(2, host.Calls.Calls.Count());
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        await browser.HangUpAsync();
        await Calling.UntilAsync(() => host.Calls.Calls.Count() == 1);
    }

    [Fact]
    public async Task Two_calls_of_one_page_are_two_calls_one_after_the_other_too()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.BlankAsync();
        await browser.Page.EvaluateAsync("""
            async () => {
              const { connect } = await import('/sdk/bridge.js');
              window.first = await connect({ role: 'demo', audio: false });
              window.second = await connect({ role: 'demo', audio: false });
              [window.third, window.fourth] = await Promise.all([connect({ role: 'demo', audio: false }), connect({ role: 'demo', audio: false })]);
            }
            """);
        Assert.Equal(4, host.Calls.Calls.Count());
        Assert.True(
            await browser.Page.TrueAsync(
                "new Set([first, second, third, fourth].map(c => c.callId)).size === 4 && first.state !== 'ended'"));
        await browser.Page.EvaluateAsync("Promise.all([first, second, third, fourth].map(c => c.hangup()))");
    }

    [Fact]
    public async Task Leaving_in_mid_call_is_asked_about_once()
    {
        await using var host = await BrowserHost.StartAsync(("GraceSeconds", "20"));
        await using var browser = await host.OpenQuietAsync();
        var page = browser.Page;
        await page.GotoAsync("/");
        await browser.Page.Locator("[data-role=demo]").ClickAsync();
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        await page.Locator(".top a").ClickAsync();
        await Expect(browser.ById("leave")).ToBeVisibleAsync();
        await AccessibilityTests.PassesAsync(page, "asked whether to leave");
        await browser.ById("leave-stay").ClickAsync();
        await Expect(browser.ById("leave")).ToBeHiddenAsync();

        // Back is the same question, and the call is where it was.
        await page.EvaluateAsync("history.back()");
        await Expect(browser.ById("leave")).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/call/demo$"));
        await browser.ById("leave-hangup").ClickAsync();
        await browser.SeesAsync("recap", "The Bridge, in short");

        // Another site or the end of the tab is the browser's question, once for each call.
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        await browser.ById("text-input").ClickAsync();
        var asked = 0;
        page.Dialog += async (_, dialog) =>
        {
            asked++;
            Assert.Equal("beforeunload", dialog.Type);
            await dialog.AcceptAsync();
        };
        await page.ReloadAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        Assert.Equal(1, asked);

        // Whoever goes back although asked has left, and finds what was said.
        await page.EvaluateAsync("history.back()");
        await Expect(browser.ById("leave")).ToBeVisibleAsync();
        await page.EvaluateAsync("history.back()");
        await Expect(browser.ById("role-card").First).ToBeVisibleAsync();
        await Calling.UntilAsync(() => !host.Calls.Calls.Any());
        await page.Locator("[data-role=demo]").ClickAsync();
        await Expect(browser.ById("end-reason")).ToHaveAttributeAsync("data-reason", "call_over");
        await Expect(page.Locator(".conversation")).ToContainTextAsync("voice of the Bridge");
        Assert.Empty(host.Calls.Calls);
    }
}
