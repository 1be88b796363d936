using System.Globalization;
using Bridge.Realtime;

namespace Bridge.Browser.Tests;

/// <summary>
/// The agent speaks a time code and is interrupted at random: what the log says was heard is what the page's receiver
/// delivered while its speaker was audible, whatever the network held back.
/// </summary>
public sealed class HeardTests(ITestOutputHelper output)
{
    private const double Bound = 40;
    private const int GapMs = 100;

    // 12 s of time code.
    private static readonly string Line = string.Join(' ', Enumerable.Repeat("tick tock", 20));

    private static bool Long => Environment.GetEnvironmentVariable("BRIDGE_LONG") == "1";

    private static string Load => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(400)]
    public async Task The_log_knows_to_40_ms_what_was_heard_when_the_agent_is_stopped(int jitterMs)
    {
        var seed = Environment.GetEnvironmentVariable("BRIDGE_SEED") is { Length: > 0 } s ? int.Parse(s, CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"BRIDGE_SEED={seed}");
        var random = new Random(seed);
        using var roles = TestRoles.WithTeller(Line);
        await using var call = await TimedCall.StartAsync(roles, TimeSpan.FromMilliseconds(jitterMs), seed);
        var rounds = new List<Round>();
        for (var i = 0; i < (Long ? 40 : 8); i++)
        {
            var stopped = random.Next(2) == 0;
            await call.Browser.ById("text-input").FillAsync("again");
            await call.SoundsForAsync(random.Next(700, 3000));
            var began = await call.NowAsync();
            if (stopped)
            {
                await call.Browser.ById("interrupt").ClickAsync();
            }
            else
            {
                await call.Browser.ById("text-input").PressAsync("Enter");
            }

            rounds.Add(new Round(stopped ? "stop" : "text", began));
            await call.SoundEndsAsync(began);
            if (stopped)
            {
                await call.Browser.ById("text-input").PressAsync("Enter");
            }

            await call.TakeAsync();
        }

        await call.SoundsForAsync(300);
        await JudgeAsync(call, rounds);
    }

    [Fact]
    public async Task The_log_knows_to_40_ms_what_was_heard_when_somebody_speaks_over_the_agent()
    {
        using var speech = new SpeechFile();
        speech.Silence(9);
        for (var i = 0; i < 4; i++)
        {
            await speech.SayAsync("Please tell me the time again.", Cancellation);
            speech.Silence(6 + (0.37 * i));
        }

        speech.Save();
        using var roles = TestRoles.WithTeller(Line);
        await using var call = await TimedCall.StartAsync(roles, TimeSpan.FromMilliseconds(100), 5, speech.Path);
        var rounds = new List<Round>();
        for (var i = 0; i < speech.Onsets.Count; i++)
        {
            await call.SoundsForAsync(200);
            var began = await call.NowAsync();
            await call.SoundEndsAsync(began);
            await call.TakeAsync();
            rounds.Add(new Round("voice", began));
        }

        await call.SoundsForAsync(300);
        await JudgeAsync(call, rounds);
    }

    private async Task JudgeAsync(TimedCall call, List<Round> rounds)
    {
        var log = await call.EndAsync();
        var cuts = log.Entries.OfType<ConversationEntry.Truncated>().ToList();
        var recording = call.Recording;
        var sounds = recording.Sounds(GapMs);
        var spurts = call.Spurts();
        var errors = new List<double>();
        var wallErrors = new List<double>();
        foreach (var (round, cut) in rounds.Zip(cuts))
        {
            var sound = sounds.Last(r => recording.TimeOf(r.Start.Value) < round.Began);
            var end = recording.TimeOf(sound.End.Value);
            var ducked = call.Ducks.Where(d => d.Volume < 1 && d.At > recording.TimeOf(sound.Start.Value) && d.At < end).Select(d => (double?)d.At).LastOrDefault();
            var heard = ducked is { } at ? recording.PositionAt(recording.SampleAt(at)) : recording.HeardUntil(sound);
            Assert.NotNull(heard);
            var spurt = spurts.Last(p => p.From < round.Began + call.TimeOrigin);

            // Two packets of silence close what was cut.
            var wall = spurt.To - spurt.From - 20;
            var error = cut.HeardMilliseconds - heard.Value.TotalMilliseconds;
            errors.Add(Math.Abs(error));
            wallErrors.Add(Math.Abs(wall - heard.Value.TotalMilliseconds));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{round.How,-5} heard {heard.Value.TotalMilliseconds,6:F0} ms, log {cut.HeardMilliseconds,6} ms ({error,5:F0}), wall clock {wall,6:F0} ms ({wall - heard.Value.TotalMilliseconds,5:F0}){(ducked is null ? "" : ", speaker silenced")}"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"error of the log: median {Percentile(errors, 50):F0} ms, p95 {Percentile(errors, 95):F0} ms; of a wall clock: median {Percentile(wallErrors, 50):F0} ms, p95 {Percentile(wallErrors, 95):F0} ms; load {Load}"));
        Assert.Equal(rounds.Count, errors.Count);
        Assert.True(Percentile(errors, 95) <= Bound, $"p95 is {Percentile(errors, 95):F0} ms");
    }

    private static double Percentile(List<double> values, int percent)
    {
        var sorted = values.Order().ToList();
        return sorted[(int)Math.Ceiling(sorted.Count * percent / 100.0) - 1];
    }

    private sealed record Round(string How, double Began);
}
