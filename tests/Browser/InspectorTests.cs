using System.Diagnostics;
using System.Text.Json;
using Bridge.Realtime.Turns;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bridge.Browser.Tests;

/// <summary>The drawer for whoever measures.</summary>
public sealed class InspectorTests(ITestOutputHelper output)
{
    [Fact]
    public async Task It_charts_the_hops_lists_what_happened_and_gives_all_of_it_as_a_file()
    {
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("demo", query: "?inspect");
        var inspector = browser.ById("inspector");
        await Expect(inspector.Locator("canvas")).ToHaveCountAsync(3);
        await browser.WriteAsync("What is a role?");
        await browser.SeesAsync("stage", "A role is a folder");
        foreach (var entry in new[] { "page/hello", "page/text", "stage/show", "channel open", "thinking", "response.create",
            "response.created", "response.done" })
        {
            await Expect(browser.ById("timeline")).ToContainTextAsync(entry);
        }

        // Rates are what came between two samples; the first one, a second or more into a busy machine's call, has none.
        JsonElement root, sample;
        for (var patience = Stopwatch.StartNew(); ;)
        {
            var download = await browser.Page.RunAndWaitForDownloadAsync(() => browser.ById("inspect-download").ClickAsync());
            using var json = JsonDocument.Parse(
                await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken));
            root = json.RootElement.Clone();
            sample = root.GetProperty("samples").EnumerateArray().LastOrDefault(s => s.TryGetProperty("bitrateInKbps", out _));
            if (sample.ValueKind == JsonValueKind.Object || patience.Elapsed > TimeSpan.FromSeconds(20))
            {
                break;
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.Equal("demo", root.GetProperty("role").GetProperty("slug").GetString());
        Assert.Equal(JsonValueKind.Object, sample.ValueKind);
        foreach (var figure in new[] { "roundTripMs", "jitterMs", "lossIn", "bitrateInKbps", "bitrateOutKbps", "uplinkMs", "downlinkMs" })
        {
            Assert.True(sample.TryGetProperty(figure, out _), $"{figure} is missing in {sample}");
        }

        // What passes between host and model: names and durations, not a word of what was said.
        var model = root.GetProperty("timeline").EnumerateArray().Where(e => e.GetProperty("lane").GetString() == "model").ToList();
        Assert.Contains(
            model,
            e =>
                e.GetProperty("name").GetString() == "← response.done" && e.TryGetProperty("durationMs", out var took)
                    && took.GetDouble() > 0 && e.GetProperty("detail").GetString() == "completed");
        Assert.Contains(
            model,
            e =>
                e.GetProperty("name").GetString() == "← response.output_audio.delta" && e.TryGetProperty("durationMs", out var took)
                    && took.GetDouble() >= 0);
        var steps = model.ToLookup(e => e.GetProperty("name").GetString() == "response.create waits");
        Assert.All(
            steps[true], e => Assert.True(Enum.TryParse<ResponseBlockers>(e.GetProperty("detail").GetString(), out _), e.ToString()));
        Assert.All(steps[false], e => Assert.Matches("^[←→] [a-z_.]+$", e.GetProperty("name").GetString()));
        Assert.All(steps[false], e => Assert.True(!e.TryGetProperty("detail", out var detail) || detail.GetString()!.Length < 20));

        output.WriteLine(sample.ToString());
        Assert.Contains(
            root.GetProperty("timeline").EnumerateArray(),
            e => e.GetProperty("lane").GetString() == "rpc" && e.TryGetProperty("durationMs", out _));
        await browser.ById("inspect-close").ClickAsync();
        await Expect(inspector).ToHaveCountAsync(0);
        await browser.HangUpAsync();
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task The_orb_moves_smoothly_while_the_agent_speaks()
    {
        using var roles = TestRoles.WithLamp();
        await using var host = await BrowserHost.StartAsync(("Roles", roles.Path));
        await using var browser = await host.OpenQuietAsync();
        await browser.StartAsync("lamp");
        await browser.WriteAsync("story");
        await browser.StateAsync("speaking");
        var frames = await browser.Page.EvaluateAsync<double>("""
            () => new Promise(done => {
              let n = 0;
              const t0 = performance.now();
              const frame = t => (n++, t - t0 < 2000 ? requestAnimationFrame(frame) : done((n * 1000) / (t - t0)));
              requestAnimationFrame(frame);
            })
            """);

        // Charted, not asserted: the machine that runs this may be busy. An orb that stands still would show none.
        output.WriteLine($"{frames:F0} frames a second while speaking");
        Assert.True(frames > 1);
        await browser.HangUpAsync();
    }
}
