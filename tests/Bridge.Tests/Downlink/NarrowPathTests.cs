using Bridge.Rtc.Sctp;

namespace Bridge.Tests.Downlink;

/// <summary>Stories of the agent's speech through paths that are narrower than its bit rate. In virtual time.</summary>
public sealed class NarrowPathTests(ITestOutputHelper output)
{
    private const int SettledTick = 150;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public static TheoryData<int, int, int> Paths => new(
        from path in new (int Rate, int Bitrate)[] { (64_000, 24_000), (40_000, 16_000), (24_000, 8_000) }
        from seed in new[] { 1, 2, 3 }
        select (path.Rate, path.Bitrate, seed));

    [Theory]
    [MemberData(nameof(Paths))]
    public void The_words_survive_a_narrow_path_and_its_queue_stays_short(int rate, int bitrate, int seed)
    {
        using var call = new NarrowCall(seed, rate);
        TimeSpan began = call.Pair.Elapsed;
        call.Talk(TimeSpan.FromSeconds(30));
        Tell(call, $"{rate} bit/s, seed {seed}", began + Settling, SettledTick);
        Assert.InRange(call.Wait(0.95, began + Settling), 0, 150);
        Assert.InRange(call.Missing(SettledTick), 0, 0.02);
        Assert.InRange(call.Likeness(SettledTick), 0.9, 1);
        Assert.Equal(bitrate, call.Ladder.Step.Bitrate);
        Assert.InRange(call.Steps.Skip(SettledTick).Count(s => s.Bitrate == bitrate), call.Steps.Count * 0.8, call.Steps.Count);
    }

    [Theory]
    [InlineData(64_000)]
    [InlineData(24_000)]
    public void A_path_that_narrows_amid_a_call_is_followed_and_one_that_widens_gets_48_kbit_again(int rate)
    {
        using var call = new NarrowCall(4);
        call.Talk(TimeSpan.FromSeconds(5));
        Assert.All(call.Steps, s => Assert.True(s.IsFull));
        call.Pair.Network.Conditions.Rate = rate;
        TimeSpan narrowed = call.Pair.Elapsed;
        call.Talk(TimeSpan.FromSeconds(20));
        double p95 = call.Wait(0.95, narrowed + Settling);
        call.Pair.Network.Conditions.Rate = 0;
        call.Talk(TimeSpan.FromSeconds(70));
        Tell(call, $"48, {rate}, 48", narrowed + Settling, 250 + SettledTick);
        Assert.InRange(p95, 0, 150);
        Assert.InRange(call.Missing(250 + SettledTick), 0, 0.02);
        Assert.True(call.Ladder.Step.IsFull);
    }

    [Fact]
    public void Losses_without_a_queue_take_nothing_of_the_bitrate()
    {
        foreach (double loss in new[] { 0.05, 0.2 })
        {
            using var call = new NarrowCall(5);
            call.Pair.Network.Conditions.Loss = loss;
            call.Pair.Network.Conditions.Jitter = TimeSpan.FromMilliseconds(30);
            call.Talk(TimeSpan.FromSeconds(60));
            Tell(call, $"{loss:P0} lost", TimeSpan.Zero, 0);
            Assert.All(call.Steps, s => Assert.True(s.IsFull && s.MayRepeat));
            Assert.InRange(call.Ladder.Loss, loss / 3, loss * 2);
        }
    }

    [Fact]
    public void A_browser_that_sends_receiver_reports_alone_is_followed_by_its_round_trips()
    {
        using var call = new NarrowCall(6, 40_000, feedback: false);
        TimeSpan began = call.Pair.Elapsed;
        call.Talk(TimeSpan.FromSeconds(60));
        Tell(call, "reports alone", began + TimeSpan.FromSeconds(15), 750);
        Assert.InRange(call.Wait(0.95, began + TimeSpan.FromSeconds(15)), 0, 150);
        Assert.InRange(call.Missing(750), 0, 0.05);
    }

    [Theory]
    [InlineData(24_000, 150)]
    [InlineData(64_000, 150)]
    [InlineData(300_000, 150)]
    public void Data_in_bulk_leave_the_voice_its_way(int rate, double longest)
    {
        using var call = new NarrowCall(7, rate);
        call.Talk(TimeSpan.FromSeconds(6));
        ushort stream = call.Pair.Server.Peer.OpenDataChannel(call.Pair.Now, new DataChannelOptions { Label = "bulk" })!.Value;
        call.Pair.RunUntil(() => call.Pair.Client.Sink.Opened.Count > 0, TimeSpan.FromSeconds(5), "open");
        call.Pair.Server.Send(stream, new byte[200_000]);
        TimeSpan began = call.Pair.Elapsed;
        int ticks = call.Steps.Count;
        call.Talk(TimeSpan.FromSeconds(30));
        Tell(call, $"bulk over {rate}", began + Settling, ticks + SettledTick);
        output.WriteLine($"{call.Pair.Client.Sink.Messages.Count} messages, {call.Pair.Server.Peer.BufferedAmount(stream)} bytes wait");
        Assert.InRange(call.Wait(0.95, began + Settling), 0, longest);
        Assert.InRange(call.Missing(ticks + SettledTick), 0, 0.03);
    }

    private void Tell(NarrowCall call, string name, TimeSpan since, int fromTick) => output.WriteLine(
        $"{name}: queue p50 {call.Wait(0.5, since):0}, p95 {call.Wait(0.95, since):0}, max {call.Wait(1, since):0} ms; at first "
        + $"{call.Wait(1, TimeSpan.Zero):0}; missing {call.Missing(fromTick):P1}, in all {call.Missing(0):P1}; "
        + $"like {call.Likeness(fromTick):0.00}; "
        + string.Join("; ", call.Changes));
}
