using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The host is restarted: a call that a person began meanwhile begins in the new process.</summary>
public sealed class RestartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_click_during_a_restart_becomes_a_call_in_the_new_process_and_a_reload_takes_it_back()
    {
        var roles = Path.Combine(Repository.Root, "roles");
        await using var old = await HostProcess.StartAsync(roles, withoutOpus: false, Cancellation);
        await using var browser = await Chromium.OpenAsync(old.Address);
        await browser.StartAsync("demo");

        // The running call keeps the old process, which takes no other.
        old.Stop();
        var page = await browser.Page.Context.NewPageAsync();
        await page.GotoAsync("/call/demo");
        await page.GetByTestId("start").ClickAsync();
        await Expect(page.GetByTestId("restarting"))
            .ToHaveTextAsync("The server is being restarted. Your call begins as soon as it is back.");
        await AccessibilityTests.PassesAsync(page, "waits for the server");
        await page.ReloadAsync();
        await Expect(page.GetByTestId("start")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("restarting")).ToHaveCountAsync(0);
        Assert.Equal(0, await page.EvaluateAsync<int>("window.__probe.constraints.length"));

        await page.GetByTestId("start").ClickAsync();
        await Expect(page.GetByTestId("restarting")).ToBeVisibleAsync();
        await browser.HangUpAsync();
        Assert.Equal(0, await old.ExitAsync(Cancellation));
        await using var fresh = await HostProcess.StartAsync(roles, withoutOpus: false, Cancellation, old.Address.Port);
        await Expect(page.GetByTestId("agent-transcript")).ToContainTextAsync("voice of the Bridge");
        await Expect(page.GetByTestId("restarting")).ToHaveCountAsync(0);
        Assert.Equal(1, await page.EvaluateAsync<int>("window.__probe.constraints.length"));
    }
}
