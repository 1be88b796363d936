using System.Globalization;
using Bridge.Realtime.Conversation;
using Bridge.Testing;

namespace Bridge.Browser.Tests;

/// <summary>
/// The agent speaks a time code and is interrupted at random: what the log says was heard is what the page's receiver
/// delivered while its speaker was audible, whatever the network held back.
/// </summary>
[Collection(nameof(TimedCollection))]
public sealed class HeardTests(ITestOutputHelper output)
{
    private const double Bound = 40;
    private const int GapMs = 100;
    private static readonly string[] Ways = ["text", "stop", "voice"];

    // 12 s of time code.
    private static readonly string Line = string.Join(' ', Enumerable.Repeat("tick tock", 20));

    private static bool Long => Seeds.Long;

    private static string Load => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    [Fact]
    public Task The_log_knows_to_40_ms_what_was_heard_when_the_agent_is_stopped_written_to_or_spoken_over() =>
        InterruptAsync("auto", [0, 100, 400], Long ? 40 : 8);

    [Fact]
    public Task The_log_knows_it_where_Concentus_encodes_and_decodes() => InterruptAsync("concentus", [0, 100], 3);

    private async Task InterruptAsync(string codec, int[] jitters, int roundsEach)
    {
        var seed = Environment.GetEnvironmentVariable("BRIDGE_SEED") is { Length: > 0 } s ? int.Parse(s, CultureInfo.InvariantCulture) : 1;
        output.WriteLine($"BRIDGE_SEED={seed}");
        var random = new Random(seed);
        using var roles = TestRoles.WithTeller(Line);
        await using var call = await TimedCall.StartAsync(roles, TimeSpan.Zero, seed, codec: codec);
        var rounds = new List<Round>();
        foreach (var jitter in jitters)
        {
            call.Jitter = TimeSpan.FromMilliseconds(jitter);
            for (var i = 0; i < roundsEach; i++)
            {
                // Text comes first: it is exact anyway, and gives the receiver's buffer time to find its depth.
                rounds.Add(
                    new Round(Ways[i % Ways.Length], jitter, await InterruptAsync(call, Ways[i % Ways.Length], random.Next(700, 1500))));
            }
        }

        await call.SoundsForAsync(300);
        await JudgeAsync(call, rounds);
    }

    /// <summary>
    /// Interrupts the agent once it has sounded for <paramref name="after"/> ms, and has it begin again. Gives when, by the page's clock.
    /// </summary>
    private static async Task<double> InterruptAsync(TimedCall call, string way, int after)
    {
        await call.Browser.ById("text-input").FillAsync("again");
        await call.SoundsForAsync(after);
        var began = await call.NowAsync();
        switch (way)
        {
            case "stop":
                await call.Browser.ById("interrupt").ClickAsync();
                await call.SoundEndsAsync(began);
                await call.Browser.ById("text-input").PressAsync("Enter");
                break;
            case "text":
                await call.Browser.ById("text-input").PressAsync("Enter");
                await call.SoundEndsAsync(began);
                break;
            default:
                await call.SpeakAsync(true);
                await call.SoundEndsAsync(began);
                await call.SpeakAsync(false);
                break;
        }

        await call.TakeAsync();
        return began;
    }

    private async Task JudgeAsync(TimedCall call, List<Round> rounds)
    {
        var log = await call.EndAsync();
        var cuts = log.Entries.OfType<ConversationEntry.Truncated>().ToList();
        var recording = call.Recording;
        var sounds = recording.Sounds(GapMs);
        var spurts = call.Spurts(silence: TimeSpan.FromMilliseconds(220));
        var errors = new List<double>();
        var wallErrors = new List<double>();
        foreach (var (round, cut) in rounds.Zip(cuts))
        {
            var sound = sounds.Last(r => recording.TimeOf(r.Start.Value) < round.Began);
            var end = recording.TimeOf(sound.End.Value);
            var ducked = call.Ducks.Where(d => d.Volume < 1 && d.At > recording.TimeOf(sound.Start.Value) && d.At < end)
                .Select(d => (double?)d.At).LastOrDefault();
            var heard = ducked is { } at ? recording.PositionAt(recording.SampleAt(at)) : recording.HeardUntil(sound);
            Assert.NotNull(heard);
            var spurt = spurts.Last(p => p.From < round.Began + call.TimeOrigin);

            // Two packets of silence close what was cut.
            var wall = spurt.To - spurt.From - 20;
            var error = cut.HeardMilliseconds - heard.Value.TotalMilliseconds;
            errors.Add(Math.Abs(error));
            wallErrors.Add(Math.Abs(wall - heard.Value.TotalMilliseconds));
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{round.Jitter,3} ms {round.How,-5} heard {heard.Value.TotalMilliseconds,6:F0} ms, log {cut.HeardMilliseconds,6} ms "
                        + $"({error,5:F0}), wall clock {wall,6:F0} ms "
                        + $"({wall - heard.Value.TotalMilliseconds,5:F0}){(ducked is null ? "" : ", speaker silenced")}"));
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"error of the log: median {Percentile(errors, 50):F0} ms, p95 {Percentile(errors, 95):F0} ms; of a wall clock: median "
                    + $"{Percentile(wallErrors, 50):F0} ms, p95 {Percentile(wallErrors, 95):F0} ms; load {Load}"));
        Assert.Equal(rounds.Count, errors.Count);
        Assert.True(Percentile(errors, 95) <= Bound, $"p95 is {Percentile(errors, 95):F0} ms");
    }

    private static double Percentile(List<double> values, int percent)
    {
        var sorted = values.Order().ToList();
        return sorted[(int)Math.Ceiling(sorted.Count * percent / 100.0) - 1];
    }

    private sealed record Round(string How, int Jitter, double Began);
}
