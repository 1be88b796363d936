using System.Text.Json;
using Bridge.Calls;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The thread through every room: a person talks, the agent answers, the page moves.</summary>
public sealed class FirstCallTests(ITestOutputHelper output)
{
    // The page's offer leaves the level extension out (RFC 6464).
    private const string WithoutLevels =
        """
        const add = RTCPeerConnection.prototype.addTransceiver;
        RTCPeerConnection.prototype.addTransceiver = function (...args) {
          const transceiver = add.apply(this, args);
          transceiver.setHeaderExtensionsToNegotiate(transceiver.getHeaderExtensionsToNegotiate().map(extension =>
            extension.uri.endsWith('ssrc-audio-level') ? { ...extension, direction: 'stopped' } : extension));
          return transceiver;
        };
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("auto")]
    [InlineData("concentus")]
    public async Task A_person_talks_to_the_cooking_guide_and_the_page_moves(string codec)
    {
        using var speech = new SpeechFile();
        speech.Silence(7);
        await speech.SayAsync("I would like to cook some pancakes today.", Cancellation);
        speech.Silence(14);
        await speech.SayAsync("Alright, what is the next step?", Cancellation);
        speech.Silence(40).Save();
        await using var host = await BrowserHost.StartAsync(("Codec", codec));
        await using var browser = await Chromium.OpenAsync(host.Address, speech.Path);
        output.WriteLine(host.Get<AudioCodecs>().Announcement);
        await browser.Page.GotoAsync("/");
        await browser.ById("role-card").Filter(new LocatorFilterOptions { HasText = "Cooking" }).ClickAsync();
        await Expect(browser.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/call/cooking-guide"));
        await browser.ById("start").ClickAsync();

        await Expect(browser.ById("agent-transcript")).Not.ToBeEmptyAsync();
        await Expect(browser.ById("user-transcript"))
            .ToContainTextAsync("pancake", new LocatorAssertionsToContainTextOptions { IgnoreCase = true });
        await Expect(browser.ById("stage")).ToContainTextAsync("pancake", new LocatorAssertionsToContainTextOptions { IgnoreCase = true });
        await Expect(browser.ById("stage").Locator("[aria-current=step]")).ToBeVisibleAsync();

        await ExpectSoundAsync(browser);

        // Chromium announces a level with each packet; what it sends as speech is let through as such.
        ExpectSpeech(host);

        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("ended");
        await ReleasedAsync(host);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_browser_that_announces_no_levels_is_heard_as_it_speaks()
    {
        using var speech = new SpeechFile();
        speech.Silence(7);
        await speech.SayAsync("I would like to cook some pancakes today.", Cancellation);
        speech.Silence(40).Save();
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await Chromium.OpenAsync(host.Address, speech.Path);
        await browser.Page.AddInitScriptAsync(WithoutLevels);
        await browser.Page.GotoAsync("/call/cooking-guide");
        await browser.ById("start").ClickAsync();
        await browser.SeesAsync("user-transcript", "pancake");
        await browser.SeesAsync("stage", "pancake");
        Assert.True(await browser.Page.TrueAsync(
            "() => !(window.__probe.peers[0].localDescription.sdp + window.__probe.peers[0].remoteDescription.sdp).includes('audio-level')"));
        ExpectSpeech(host);
        await browser.HangUpAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_call_works_on_a_system_without_libopus()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux's loader can be led to a library that is none.");
        using var speech = new SpeechFile();
        speech.Silence(7);
        await speech.SayAsync("I would like to cook some pancakes today.", Cancellation);
        speech.Silence(40).Save();
        await using var host = await HostProcess.StartAsync(Path.Combine(Repository.Root, "roles"), withoutOpus: true, Cancellation);
        output.WriteLine(host.Codec);
        Assert.StartsWith("Opus runs on Concentus ", host.Codec, StringComparison.Ordinal);
        await using var browser = await Chromium.OpenAsync(host.Address, speech.Path);
        await browser.Page.GotoAsync("/call/cooking-guide");
        await browser.ById("start").ClickAsync();
        await Expect(browser.ById("user-transcript"))
            .ToContainTextAsync("pancake", new LocatorAssertionsToContainTextOptions { IgnoreCase = true });
        await Expect(browser.ById("stage")).ToContainTextAsync("pancake", new LocatorAssertionsToContainTextOptions { IgnoreCase = true });
        await ExpectSoundAsync(browser);
        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("ended");
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task The_same_call_over_typed_text()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await Chromium.OpenAsync(host.Address, grant: false);
        await browser.Page.GotoAsync("/call/cooking-guide");
        await browser.ById("start").ClickAsync();
        await Expect(browser.ById("text-input")).ToBeEnabledAsync();
        await browser.ById("text-input").FillAsync("I would like pancakes");
        await browser.ById("text-input").PressAsync("Enter");
        await Expect(browser.ById("user-transcript")).ToContainTextAsync("I would like pancakes");
        await Expect(browser.ById("stage")).ToContainTextAsync("pancake", new LocatorAssertionsToContainTextOptions { IgnoreCase = true });
        await browser.ById("text-input").FillAsync("next step");
        await browser.ById("text-input").PressAsync("Enter");
        await Expect(browser.ById("stage").Locator("[aria-current=step]")).ToBeVisibleAsync();
        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("ended");
        await ReleasedAsync(host);
    }

    private void ExpectSpeech(BrowserHost host)
    {
        var uplink = host.Calls.Calls.Single().Media.Uplink;
        output.WriteLine($"uplink: {uplink}");
        Assert.True(
            uplink.Subdued <= uplink.Received / 50,
            $"{uplink.Subdued} of {uplink.Received} packets were taken for something else than speech.");
    }

    private async Task ExpectSoundAsync(Chromium browser)
    {
        var stats = await browser.Page.EvaluateAsync<JsonElement>("() => window.__probe.stats()");
        var inbound = stats.EnumerateArray().Single(s => s.GetProperty("type").GetString() == "inbound-rtp");
        var energy = inbound.GetProperty("totalAudioEnergy").GetDouble();
        output.WriteLine($"inbound audio energy {energy:F4} over {inbound.GetProperty("totalSamplesDuration").GetDouble():F1} s");
        Assert.True(energy > 0.001, $"The agent was not audible: total audio energy {energy}.");
    }

    private static Task ReleasedAsync(BrowserHost host) =>
        Calling.UntilAsync(() => !host.Calls.Calls.Any() && host.Media.PeerCount == 0);
}
