using Bridge.Roles.Loading;

namespace Bridge.Roles.Tests;

/// <summary>When a burst of file events is read, in virtual time.</summary>
public sealed class ReloadScheduleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly TimeSpan _start = TimeSpan.FromTicks(Random.Shared.NextInt64(TimeSpan.TicksPerDay));

    [Fact]
    public void A_single_event_is_read_once_the_files_are_quiet()
    {
        var schedule = new ReloadSchedule();
        Assert.Null(schedule.Due);
        schedule.Touch(_start);
        Assert.False(schedule.TryTake(_start + ReloadSchedule.Quiet - TimeSpan.FromTicks(1), out _));
        Assert.True(schedule.TryTake(_start + ReloadSchedule.Quiet, out _));
        Assert.Null(schedule.Due);
        Assert.False(schedule.TryTake(_start + Second, out _));
    }

    [Fact]
    public void Double_events_are_one_reading()
    {
        var schedule = new ReloadSchedule();
        var readings = Play(schedule, [0, 1, 5, 30, 31], held: _ => false);
        Assert.Equal([31 + 120], readings);
    }

    [Fact]
    public void Events_without_end_are_read_at_least_every_half_second()
    {
        var schedule = new ReloadSchedule();
        var readings = Play(schedule, [.. Enumerable.Range(0, 60).Select(i => i * 50)], held: _ => false);
        Assert.Equal(500, readings[0]);
        Assert.All(readings.Zip(readings.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 120, 550));
    }

    [Fact]
    public void Errors_are_held_while_the_file_may_be_half_written_and_told_within_a_second()
    {
        var schedule = new ReloadSchedule();
        var holds = new List<bool>();
        var readings = Play(schedule, [0], held: hold =>
        {
            holds.Add(hold);
            return hold;
        });
        Assert.Equal([true, true, true, false], holds);
        Assert.Equal([120, 240, 360, 480], readings);
    }

    [Fact]
    public void A_half_written_file_that_is_completed_is_read_again_at_once()
    {
        var schedule = new ReloadSchedule();
        var complete = false;
        var readings = Play(schedule, [0, 200], held: hold => hold && !complete, at => complete = at >= 200);
        Assert.Equal([120, 320], readings);
    }

    [Fact]
    public void Whatever_the_events_a_change_is_published_within_a_second()
    {
        var seed = Seeds.First;
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var events = new List<int> { 0 };
            while (random.Next(8) > 0)
            {
                events.Add(events[^1] + random.Next(400));
            }

            var published = new List<int>();
            var now = 0;
            Play(new ReloadSchedule(), events, held: hold =>
            {
                if (!hold)
                {
                    published.Add(now);
                }

                return hold;
            }, at => now = at);
            Assert.All(
                events,
                at =>
                    Assert.True(
                        published.Any(time => time >= at && time <= at + 1000),
                        $"seed {seed}, round {round}: events {string.Join(' ', events)}, published {string.Join(' ', published)}"));
        }
    }

    // Plays events at these milliseconds against a clock of one millisecond; gives the times of the readings.
    private List<int> Play(ReloadSchedule schedule, IReadOnlyList<int> events, Func<bool, bool> held, Action<int>? tick = null)
    {
        var readings = new List<int>();
        for (var at = 0; at <= events[^1] + 1000; at++)
        {
            tick?.Invoke(at);
            var now = _start + TimeSpan.FromMilliseconds(at);
            foreach (var _ in events.Where(time => time == at))
            {
                schedule.Touch(now);
            }

            if (schedule.TryTake(now, out var holdErrors))
            {
                readings.Add(at);
                if (held(holdErrors))
                {
                    schedule.Held(now);
                }
            }
        }

        return readings;
    }
}
