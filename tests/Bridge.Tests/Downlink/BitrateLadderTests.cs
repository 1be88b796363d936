using Bridge.Downlink;
using Bridge.Rtc;
using Bridge.Testing;

namespace Bridge.Tests.Downlink;

/// <summary>The ladder by itself: what it makes of reports, true ones and made-up ones.</summary>
public sealed class BitrateLadderTests
{
    private static readonly Instant Start = new(-5_000_000_000);

    [Fact]
    public void Reports_that_make_no_sense_never_take_it_off_its_steps()
    {
        int seed = Seeds.First;
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            var ladder = new BitrateLadder();
            var now = new Instant(random.NextInt64(-(1L << 60), 1L << 60));
            for (int i = 0; i < 500; i++)
            {
                now += TimeSpan.FromMilliseconds(random.Next(-50, 400));
                ladder.Take(new PathReport(
                    now, Any(random), Any(random), Time(random), random.Next(4) == 0 ? null : Time(random), Time(random), Any(random),
                    random.Next(4) == 0 ? null : Time(random)));
                if (random.Next(50) == 0)
                {
                    ladder.SetMaxPacketTime(TimeSpan.FromMilliseconds(random.Next(0, 200)));
                }

                Assert.True(ladder.Step.Bitrate is 48_000 or 24_000 or 16_000 or 8_000, $"seed {seed}");
                Assert.True(ladder.Step.FrameCount is >= 1 and <= 3, $"seed {seed}");
                Assert.True(ladder.Shape.DataPacket is >= 200 and <= 1200, $"seed {seed}");
            }
        }

        static int Any(Random random) => random.Next(6) switch { 0 => int.MaxValue, 1 => int.MinValue, 2 => -1, _ => random.Next(0, 40) };
        static TimeSpan Time(Random random) => random.Next(8) switch
        {
            0 => TimeSpan.FromDays(-1),
            1 => TimeSpan.FromDays(1),
            _ => TimeSpan.FromMilliseconds(random.Next(0, 300)),
        };
    }

    [Fact]
    public void A_queue_that_drains_by_itself_changes_nothing()
    {
        var ladder = new BitrateLadder();
        var now = Feed(ladder, Start, 20, queueMs: 0);
        foreach (int queue in new[] { 10, 45, 45, 40, 30, 15, 0 })
        {
            now = Feed(ladder, now, 1, queue);
        }

        Assert.True(ladder.Step.MayRepeat);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(120)]
    public void Jitter_that_mixes_up_the_order_is_no_queue_and_a_queue_below_it_is_one(int queueMs)
    {
        var random = new Random(Seeds.First);
        var ladder = new BitrateLadder();
        var now = Feed(ladder, Start, 20, queueMs: 0);
        for (int i = 0; i < 600; i++)
        {
            // Five packets 20 ms apart, each held back by up to 400 ms.
            var delays = Enumerable.Range(0, 5).Select(_ => random.Next(400)).ToArray();
            var arrivals = delays.Select((d, n) => (n * 20) + d).ToArray();
            var overtaken = arrivals.Where((a, n) => n > 0 && a < arrivals[..n].Max()).Count();
            now += TimeSpan.FromMilliseconds(100);
            ladder.Take(new PathReport(
                now, 5, 0, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(queueMs + delays.Min()),
                TimeSpan.FromMilliseconds(queueMs + delays[^1]), 340, TimeSpan.FromMilliseconds(100)) { Overtaken = overtaken });
        }

        Assert.Equal(queueMs == 0, ladder.Step.IsFull);
    }

    [Fact]
    public void It_falls_to_what_the_path_was_seen_to_carry_in_one_step()
    {
        var ladder = new BitrateLadder();
        var now = Feed(ladder, Start, 20, queueMs: 0);
        Feed(ladder, now, 4, queueMs: 120, rate: 27_000);
        Assert.Equal((8_000, 3, StepReason.Queue), (ladder.Step.Bitrate, ladder.Step.FrameCount, ladder.Reason));
        Assert.InRange(ladder.Capacity!.Value, 26_000, 28_000);
    }

    [Fact]
    public void A_path_without_a_queue_that_drops_more_than_every_third_packet_is_a_narrow_one()
    {
        var ladder = new BitrateLadder();
        Feed(ladder, Start, 100, queueMs: 0, lost: 3);
        Assert.Equal(StepReason.Loss, ladder.Reason);
        Assert.False(ladder.Step.IsFull);
    }

    [Fact]
    public void A_probe_that_fills_the_queue_is_tried_again_after_twice_the_time()
    {
        var ladder = new BitrateLadder();
        var now = Feed(ladder, Start, 20, queueMs: 0);
        now = Feed(ladder, now, 4, queueMs: 120, rate: 60_000);
        Assert.Equal(24_000, ladder.Step.Bitrate);
        var probes = new List<Instant>();
        bool probing = false;
        for (int i = 0; i < 1500; i++)
        {
            now = Feed(ladder, now, 1, queueMs: ladder.Shape.Padding > 0 ? 60 : 0);
            bool probes1 = ladder.Shape.Padding > 0;
            if (probes1 && !probing)
            {
                probes.Add(now);
            }

            probing = probes1;
        }

        double[] between = [.. probes.Zip(probes.Skip(1), (a, b) => Math.Round((b - a).TotalSeconds))];
        Assert.Equal([8, 16, 32, 32, 32], between.Take(5).Select(s => Math.Round(s / 4) * 4));
        Assert.Equal(24_000, ladder.Step.Bitrate);
    }

    [Theory]
    [InlineData(20, 1, 1)]
    [InlineData(40, 2, 2)]
    [InlineData(60, 2, 3)]
    public void No_packet_is_longer_than_the_browser_takes(int maxptime, int third, int last)
    {
        var ladder = new BitrateLadder();
        ladder.SetMaxPacketTime(TimeSpan.FromMilliseconds(maxptime));
        var now = Feed(ladder, Start, 20, queueMs: 0);
        now = Feed(ladder, now, 4, queueMs: 120, rate: 47_000);
        Assert.Equal(third, ladder.Step.FrameCount);
        Feed(ladder, now, 30, queueMs: 150, rate: 22_000);
        Assert.Equal(last, ladder.Step.FrameCount);
    }

    [Fact]
    public void The_time_that_a_packet_takes_on_a_thin_link_is_no_queue()
    {
        var ladder = new BitrateLadder();
        var now = Feed(ladder, Start, 20, queueMs: 0);
        now = Feed(ladder, now, 4, queueMs: 120, rate: 27_000);
        now = Feed(ladder, now, 30, queueMs: 0);
        Assert.Equal(8_000, ladder.Step.Bitrate);

        // 124 bytes take 25 ms at 40 kbit/s. The ways of the time before it became thin were that much shorter.
        var probed = false;
        for (var i = 0; i < 150 && !probed; i++)
        {
            now = Feed(ladder, now, 1, queueMs: 25);
            probed = ladder.Shape.Padding > 0;
        }

        Assert.True(probed);
    }

    [Fact]
    public void A_probe_pads_more_and_more_so_that_a_queue_is_seen_while_it_is_short()
    {
        var ladder = new BitrateLadder();
        var now = Feed(ladder, Start, 20, queueMs: 0);
        now = Feed(ladder, now, 4, queueMs: 120, rate: 60_000);
        while (ladder.Shape.Padding == 0)
        {
            now = Feed(ladder, now, 1, queueMs: 0);
        }

        var paddings = new List<int>();
        while (ladder.Shape.Padding > 0)
        {
            paddings.Add(ladder.Shape.Padding);
            now = Feed(ladder, now, 1, queueMs: 0);
        }

        Assert.Equal(paddings.Order(), paddings);
        Assert.InRange(paddings[5] / (double)paddings[^1], 0.4, 0.6);
        Assert.InRange(paddings.Count(p => p == paddings[^1]), 15, 18);
        Assert.Equal(48_000, ladder.Step.Bitrate);
    }

    [Fact]
    public void A_burst_that_passes_takes_no_step_where_the_path_carries_it()
    {
        var ladder = new BitrateLadder();
        var now = Feed(ladder, Start, 20, queueMs: 0);
        now = Feed(ladder, now, 4, queueMs: 120, rate: 60_000);
        now = Feed(ladder, now, 20, queueMs: 0);
        now = Feed(ladder, now, 4, queueMs: 80, rate: 60_000);
        now = Feed(ladder, now, 20, queueMs: 0);
        Assert.Equal(24_000, ladder.Step.Bitrate);
        now = Feed(ladder, now, 12, queueMs: 80, rate: 60_000);
        Assert.Equal(24_000, ladder.Step.Bitrate);
        Feed(ladder, now, 30, queueMs: 80, rate: 60_000);
        Assert.Equal(16_000, ladder.Step.Bitrate);
    }

    [Fact]
    public void News_of_the_path_cost_no_memory()
    {
        var ladder = new BitrateLadder();
        var now = Feed(ladder, Start, 50, queueMs: 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
        {
            now = Feed(ladder, now, 1, queueMs: i % 60 * 3, rate: 30_000);
            _ = ladder.Shape;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Reports of five packets, one each 100 ms.</summary>
    private static Instant Feed(BitrateLadder ladder, Instant now, int count, int queueMs, int rate = 73_600, int lost = 0)
    {
        for (int i = 0; i < count; i++)
        {
            now += TimeSpan.FromMilliseconds(100);
            var queue = TimeSpan.FromMilliseconds(queueMs);
            var busy = queueMs > 25 ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero;
            ladder.Take(new PathReport(now, 5 - lost, lost, TimeSpan.FromMilliseconds(100), queue, queue, rate / 80, busy));
        }

        return now;
    }
}
