using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>examples/rtc-echo: the WebRTC peer alone, with a browser.</summary>
public sealed class RtcEchoTests
{
    // Energy of the sound that the browser has played: 0 for silence (W3C webrtc-stats, totalAudioEnergy).
    private const string Energy = """
        async () => {
          const stats = [...(await peer.getStats()).values()];
          return stats.find((s) => s.type === 'inbound-rtp' && s.kind === 'audio')?.totalAudioEnergy ?? 0;
        }
        """;

    [Fact]
    public async Task A_page_hears_its_own_speech_and_reads_its_own_words()
    {
        await using var echo = await ExampleProcess.StartAsync("rtc-echo", "RtcEcho", [], TestContext.Current.CancellationToken);
        using var speech = new SpeechFile().Silence(1);
        await speech.SayAsync("One, two, three, four, five, six, seven, eight, nine, ten.", TestContext.Current.CancellationToken);
        speech.Save();
        await using var browser = await Chromium.OpenAsync(echo.Address, speech.Path);
        var page = browser.Page;
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("connected");
        await page.GetByLabel("Say").FillAsync("Is anybody there?");
        await page.GetByLabel("Say").PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Listitem)).ToHaveTextAsync("Is anybody there?");
        await page.WaitForFunctionAsync($"async () => await ({Energy})() > 0.0005");
        Assert.True(browser.Errors.Count == 0, string.Join("\n", browser.Errors));
    }

    [Fact]
    public void The_server_is_under_a_hundred_lines() =>
        Assert.InRange(Directory.GetFiles(Path.Combine(Repository.Root, "examples", "rtc-echo"), "*.cs").Sum(f => File.ReadLines(f).Count()), 1, 99);
}
