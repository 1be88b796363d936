using System.Globalization;
using System.Text.RegularExpressions;
using Bridge.Rtc;
using Bridge.Trail;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bridge.Tests.Trail;

public sealed partial class DropTrailTests
{
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    [Fact]
    public void A_flood_is_a_line_of_each_reason_every_ten_seconds_and_none_of_it_is_left_uncounted()
    {
        var log = new LineLog();
        var trail = new TrailLoggers(log.Factory(LogLevel.Debug)).Of("c057");
        const int Seconds = 60;
        const int PerSecond = 1_000;
        for (var i = 0; i < Seconds * PerSecond; i++)
        {
            trail.Drops.Add(new Instant(i * (TimeSpan.TicksPerSecond / PerSecond)), Reasons[i % 2], 3, 100);
        }

        Assert.Equal(2 * Seconds / 10, log.Lines.Count);
        trail.Drops.Flush();
        trail.Drops.Flush();
        Assert.Equal((2 * Seconds / 10) + 2, log.Lines.Count);
        Assert.All(log.Lines, line => Assert.Equal((LogLevel.Debug, "Bridge.Rtc", "c057"), (line.Level, line.Category, line.CallId)));
        Assert.Equal(
            3 * Seconds * PerSecond,
            log.Lines.Sum(line => long.Parse(DroppedCount().Match(line.Text).Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_first_drop_of_each_reason_is_told_at_once()
    {
        var log = new LineLog();
        var trail = new TrailLoggers(log.Factory(LogLevel.Debug)).Of("c057");
        foreach (var reason in Reasons)
        {
            trail.Drops.Add(new Instant(5), reason, 1, 12);
        }

        Assert.Equal(
            Reasons.Select(reason => $"Call c057: dropped 1 for {reason}, 12 bytes"),
            log.Lines.Select(line => line.Text[..line.Text.IndexOf(" bytes", StringComparison.Ordinal)] + " bytes"));
    }

    [Fact]
    public void What_the_remote_side_brings_about_at_will_is_a_line_a_second()
    {
        var limit = default(LineLimit);
        var (lines, leftOut) = (0, 0);
        for (var i = 0; i < 5_000; i++)
        {
            if (limit.Takes(new Instant(i * TimeSpan.TicksPerMillisecond), out var before))
            {
                lines++;
                leftOut += before;
            }
        }

        Assert.Equal((5, 4 * 999), (lines, leftOut));
    }

    [Theory]
    [InlineData("server_error", "server_error")]
    [InlineData("call_-.9Z", "call_-.9Z")]
    [InlineData("I said my PIN is 1234", "(other)")]
    [InlineData("a\nCall c057: forged", "(other)")]
    [InlineData("", "(other)")]
    [InlineData(null, "(other)")]
    public void A_word_of_the_other_side_is_no_sentence(string? word, string shown) => Assert.Equal(shown, CallTrail.Word(word));

    [Fact]
    public void A_word_that_is_too_long_is_left_out() => Assert.Equal("(other)", CallTrail.Word(new string('a', 65)));

    [Fact]
    public void A_trail_that_is_off_allocates_nothing()
    {
        var trail = new TrailLoggers(NullLoggerFactory.Instance).Of("c057");
        var remote = TransportAddress.FromIPv4(0x7F000001, 5081);
        void Tell(int i)
        {
            trail.Drops.Add(new Instant(i), DropReason.SrtpReplayed, 1, 100);
            Log.RouteSelected(trail.Ice, trail.CallId, remote, 0, 0);
            Log.SourceHeard(trail.Rtp, trail.CallId, 7, 0);
            Log.StateEntered(trail.Turns, trail.CallId, Realtime.Turns.CallState.Speaking);
            Log.ModelStepTook(trail.Model, LogLevel.Debug, trail.CallId, "response.done", 12);
        }

        for (var i = 0; i < 1_000; i++)
        {
            Tell(i);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            Tell(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [GeneratedRegex(@"dropped (\d+) for")]
    private static partial Regex DroppedCount();
}
