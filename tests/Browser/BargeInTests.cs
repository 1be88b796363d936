using System.Text.Json;

namespace Bridge.Browser.Tests;

/// <summary>The person speaks while the agent speaks: the agent falls silent at once.</summary>
public sealed class BargeInTests(ITestOutputHelper output)
{
    private const double Audible = 0.01;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Speaking_over_the_agent_empties_the_speaker()
    {
        using var speech = new SpeechFile();
        speech.Silence(9);
        await speech.SayAsync("Stop please! I have a question about something else entirely.", Cancellation);
        speech.Silence(40).Save();
        await using var host = await BrowserHost.StartAsync(("Roles", Path.Combine(Repository.Root, "tests", "Browser", "roles")));
        await using var browser = await Chromium.OpenAsync(host.Address, speech.Path);
        await browser.Page.GotoAsync("/call/storyteller");
        await browser.ById("start").ClickAsync();
        await browser.StateAsync("speaking");
        await Microsoft.Playwright.Assertions.Expect(browser.ById("user-transcript")).ToContainTextAsync("question", new() { Timeout = 30_000 });

        var levels = await browser.Page.EvaluateAsync<JsonElement>("() => ({ local: window.__probe.local, remote: window.__probe.remote, ducked: window.__probe.ducks })");
        var local = Levels(levels.GetProperty("local"));
        var remote = Levels(levels.GetProperty("remote"));
        var spoke = remote.First(l => l.Level > Audible).At;
        var onset = local.First(l => l.Level > Audible && l.At > spoke).At;
        Assert.True(remote.Any(l => l.At > onset - 300 && l.At < onset && l.Level > Audible), "The agent was not speaking when it was interrupted.");

        // Silent from the last audible moment of the interrupted sentence, before the answer to the interruption begins.
        var silent = remote.Zip(remote.Skip(1)).Where(p => p.First.At > onset)
            .First(p => QuietFor(remote, p.First.At, 300)).First.At;
        var after = silent - onset;
        var ducked = levels.GetProperty("ducked").EnumerateArray().Where(d => d[1].GetDouble() < 0.1).Select(d => d[0].GetDouble()).Where(d => d > onset - 50).ToList();
        output.WriteLine($"after the person began to speak: the page turned the agent down at {(ducked.Count > 0 ? $"{ducked[0] - onset:F0} ms" : "no time")}, nothing of it arrived any more at {after:F0} ms");
        Assert.InRange(after, 0, 500);
        await browser.ById("hangup").ClickAsync();
        await browser.StateAsync("ended");
    }

    private static bool QuietFor(List<(double At, double Level)> levels, double from, double milliseconds) =>
        levels.Where(l => l.At >= from && l.At < from + milliseconds).All(l => l.Level <= Audible);

    private static List<(double At, double Level)> Levels(JsonElement list) =>
        [.. list.EnumerateArray().Select(p => (p[0].GetDouble(), p[1].GetDouble()))];
}
