using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bridge.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary><c>--https</c>: a browser that takes the machine's own certificate talks at an address of the network.</summary>
public sealed class HttpsTests
{
    [Fact]
    public async Task A_device_on_the_network_talks_by_the_printed_address_and_one_that_does_not_trust_the_certificate_sees_nothing()
    {
        Chromium.Require();
        await using var host = await BrowserHost.StartAsync(("Https", "true"));
        var https = host.Get<LocalHttps>();
        Assert.False(System.Net.IPAddress.IsLoopback(https.Phones));
        var address = https.Page(https.PhonesHost, host.Address.Port);
        Assert.Contains("/#ticket=", address, StringComparison.Ordinal);

        await using (var stranger = await Chromium.OpenAsync(new Uri(address)))
        {
            var refusal = await Assert.ThrowsAsync<PlaywrightException>(() => stranger.Page.GotoAsync(address));
            Assert.Contains("ERR_CERT_AUTHORITY_INVALID", refusal.Message, StringComparison.Ordinal);
        }

        // This certificate alone, and no other, as somebody accepts it who reads the browser's question.
        var key = Convert.ToBase64String(SHA256.HashData(https.Certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        await using var browser = await Chromium.OpenAsync(new Uri(address), trust: key);
        await browser.Page.GotoAsync(address);
        Assert.True(await browser.Page.TrueAsync("isSecureContext"));
        await browser.Page.Locator("a[href$='/call/demo']").First.ClickAsync();
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("agent-transcript", "voice of the Bridge");
        await Expect(browser.ById("mute")).ToBeVisibleAsync();
        Assert.Equal("this-network", Assert.Single(host.Calls.Calls).Caller.Subject);
        await browser.HangUpAsync();

        // Without the ticket the door is shut.
        await browser.BlankAsync();
        await browser.Page.GotoAsync($"https://{https.PhonesHost}:{host.Address.Port}/call/demo");
        await browser.ById("start").ClickAsync();
        await Expect(browser.ById("end-reason")).ToHaveTextAsync("This server takes calls with a ticket, and this page has none.");
    }
}
