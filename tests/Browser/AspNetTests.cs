using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>examples/aspnet as readers start it: the Bridge below a path of an application with its own sign-in and functions.</summary>
public sealed class AspNetTests
{
    [Fact]
    public async Task A_guest_of_an_application_signs_in_there_and_talks_to_an_agent_that_calls_its_function()
    {
        await using var application = await ExampleProcess.StartAsync(
            "aspnet", "Restaurant", ["--Bridge:UdpPort", "0", "--Bridge:Data", Directory.CreateTempSubdirectory("bridge-data-").FullName],
            TestContext.Current.CancellationToken);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = application.Address };
        var stranger = await http.GetAsync("/voice/call/restaurant?x=1", TestContext.Current.CancellationToken);
        Assert.Equal("/login?ReturnUrl=%2Fvoice%2Fcall%2Frestaurant%3Fx%3D1", stranger.Headers.Location!.PathAndQuery);
        var roles = await http.GetAsync("/voice/api/roles", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, roles.StatusCode);
        Assert.True((await http.GetAsync("/voice/sdk/bridge.js", TestContext.Current.CancellationToken)).IsSuccessStatusCode);

        await using var browser = await Chromium.OpenAsync(application.Address);
        var page = browser.Page;
        await page.GotoAsync("/voice/call/restaurant");
        await page.GetByLabel("Your name").FillAsync("Ada");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/voice/call/restaurant$"));
        await browser.ById("start").ClickAsync();
        await Expect(browser.ById("agent-transcript")).ToContainTextAsync("Good evening");
        await browser.WriteAsync("four people on Christmas Eve please");
        await Expect(browser.ById("agent-transcript")).ToContainTextAsync("A table for 4 is booked for Thursday, 24 December.");
        await browser.WriteAsync("or make it forty");
        await Expect(browser.ById("agent-transcript")).ToContainTextAsync("There is no table for 40; we seat 1 to 12.");
        await browser.HangUpAsync();
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
        await page.GotoAsync("/");
        await Expect(page.Locator("body")).ToHaveTextAsync("Ada: Ada, 4 people, 2026-12-24");
    }
}
