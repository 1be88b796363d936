using Bridge.Testing;

namespace Bridge.Browser.Tests;

/// <summary>The first word of an answer is never the second, at the page's own ear.</summary>
public sealed class FirstSoundTests(ITestOutputHelper output)
{
    private const int GapMs = 300;
    private static readonly int Answers = Seeds.Long ? 30 : 9;

    // 1.2 s of time code.
    private const string Line = "tick tock, tick tock";

    /// <summary>
    /// Each 20 ms of the voice carry their number. The first one that can be read in a sound is where it begins, however the browser
    /// stretches what comes after it; laid back from later readings it would seem to begin 25 ms early.
    /// </summary>
    [Fact]
    public async Task An_answer_is_heard_from_its_first_20_ms()
    {
        using var roles = TestRoles.WithTeller(Line);
        await using var call = await TimedCall.StartAsync(roles, TimeSpan.Zero, seed: 1);
        for (var i = 0; i < Answers; i++)
        {
            await QuietAsync(call);
            var asked = await call.NowAsync();
            await call.Browser.ById("text-input").FillAsync("again");
            await call.Browser.ById("text-input").PressAsync("Enter");
            await call.Browser.Page.BecomesAsync(FormattableString.Invariant($"window.__probe.soundStarted() > {asked:F1}"));
        }

        await QuietAsync(call);
        await call.EndAsync();
        var firsts = new List<double>();
        foreach (var sound in call.Recording.Sounds(GapMs))
        {
            var readings = call.Recording.Readings(sound);
            if (readings.Count > 20)
            {
                firsts.Add(readings[0].Position.TotalMilliseconds - 10);
                output.WriteLine(FormattableString.Invariant(
                    $"{firsts[^1]:F0} ms of the answer, read {readings[0].At.TotalMilliseconds:F0} ms after the first sound"));
            }
        }

        // The greeting is one too. A machine that is starved may swallow a packet of one answer, the host would do so in each.
        Assert.InRange(firsts.Count, Answers, Answers + 1);
        Assert.True(firsts.Count(f => f <= 20) >= firsts.Count * 2 / 3, string.Join(", ", firsts));
        Assert.DoesNotContain(call.Ducks, d => d.Volume < 1);
    }

    private static Task QuietAsync(TimedCall call) => call.Browser.Page.BecomesAsync($"window.__probe.quietFor() > {GapMs + 200}");
}
