using Bridge.Access;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The host's own pages where calls need a ticket.</summary>
public sealed class TicketPageTests
{
    private const string Key = "a-key-of-the-tests-with-32-characters-or-more";

    [Fact]
    public async Task A_page_without_a_ticket_says_so_and_one_whose_address_brings_it_calls_from_the_gallery_on()
    {
        await using var host = await BrowserHost.StartAsync(("Access:Mode", "ticket"), ("Access:Key", Key));
        await using var browser = await host.OpenQuietAsync();
        await browser.Page.GotoAsync("/call/demo");
        await browser.ById("start").ClickAsync();
        await Expect(browser.ById("end-reason")).ToHaveTextAsync("This server takes calls with a ticket, and this page has none.");
        await AccessibilityTests.PassesAsync(browser.Page, "no ticket");
        await browser.BlankAsync();

        var ticket = TicketMint.Mint(new TicketRequest("ada", ["demo"]), Key, null, DateTimeOffset.UtcNow).Ticket;
        await browser.Page.GotoAsync($"/#ticket={ticket}");
        await browser.Page.Locator("a[href$='/call/demo']").First.ClickAsync();
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        Assert.Equal("ada", Assert.Single(host.Calls.Calls).Caller.Subject);
    }
}
