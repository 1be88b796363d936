using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>A path that loses every fifth packet each way, without a queue: radio, not congestion.</summary>
public sealed class LossyPathTests
{
    private const double Loss = 0.2;

    [Theory]
    [InlineData(20, 40)]
    [InlineData(40, 80)]
    [InlineData(100, 200)]
    [InlineData(2, 20)]
    public void Nineteen_of_twenty_messages_are_there_within_two_round_trips(int roundTrip, int within)
    {
        List<double> trips = [];
        SctpStats? worst = null;
        for (int seed = 1; seed <= 20; seed++)
        {
            SctpPair pair = Lossy(seed, roundTrip, out ushort stream);
            for (int i = 0; i < 200; i++)
            {
                Instant start = pair.Now;
                int before = pair.Client.Messages.Count;
                pair.Send(pair.Server, stream, new byte[100]);
                Assert.True(pair.RunUntil(() => pair.Client.Messages.Count > before), pair.Story("the message arrives"));
                trips.Add((pair.Now - start).TotalMilliseconds);
                pair.RunFor(TimeSpan.FromMilliseconds(100));
            }

            worst = worst is null || pair.Server.Association.Stats.Timeouts > worst.Timeouts ? pair.Server.Association.Stats : worst;
        }

        trips.Sort();
        string story =
            $"round trip {roundTrip} ms: p50 {At(0.5)}, p95 {At(0.95)}, p99 {At(0.99)}, longest {trips[^1]:0.0} ms; at most "
                + $"{worst!.Timeouts} timeouts and {worst.TailProbes} probes for 200 messages";
        TestContext.Current.SendDiagnosticMessage(story);
        Assert.True(trips[(int)(trips.Count * 0.95)] <= within, story);
        Assert.True(trips[^1] <= 1000, story);

        string At(double share) => $"{trips[(int)(trips.Count * share)]:0.0}";
    }

    [Theory]
    [InlineData(2, 1.0)]
    [InlineData(20, 2.0)]
    [InlineData(40, 3.5)]
    [InlineData(100, 8.5)]
    public void One_megabyte_does_not_creep(int roundTrip, double seconds)
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            SctpPair pair = Lossy(seed + 100, roundTrip, out ushort stream);
            Instant start = pair.Now;
            for (int i = 0; i < 64; i++)
            {
                Assert.Equal(DataSendResult.Queued, pair.Send(pair.Server, stream, new byte[16 * 1024]));
            }

            Assert.True(pair.RunUntil(() => pair.Client.Messages.Count == 64), pair.Story("1 MB arrives"));
            SctpStats stats = pair.Server.Association.Stats;
            string story = pair.Story(
                $"{(pair.Now - start).TotalSeconds:0.00} s, {stats.Retransmissions} chunks again, {stats.Timeouts} timeouts");
            TestContext.Current.SendDiagnosticMessage(story);
            Assert.True(pair.Now - start <= TimeSpan.FromSeconds(seconds), story);
        }
    }

    [Fact]
    public void Where_a_queue_builds_up_a_loss_halves_the_window_as_ever()
    {
        var window = new CongestionWindow(1000);
        long before = window.Cwnd;
        window.Lost(1000);
        window.Acknowledged(20_000, before, 1_000_000);
        long grown = window.Cwnd;
        window.EnterFastRecovery(new Tsn(1), queueing: true);
        Assert.Equal(grown / 2, window.Cwnd);
        window.TimedOut(queueing: true);
        Assert.Equal(1000, window.Cwnd);
    }

    [Fact]
    public void Random_losses_leave_sixteen_packets_and_heavy_ones_do_not()
    {
        var window = new CongestionWindow(1000);
        for (uint i = 0; i < 10; i++)
        {
            window.Lost(1000);
            window.Acknowledged(4000, window.Cwnd, 1_000_000);
            window.EnterFastRecovery(new Tsn(i), queueing: false);
        }

        Assert.Equal(16_000, window.Cwnd);
        for (uint i = 0; i < 10; i++)
        {
            window.Lost(20_000);
            window.EnterFastRecovery(new Tsn(i), queueing: false);
        }

        Assert.Equal(4000, window.Cwnd);
    }

    private static SctpPair Lossy(int seed, int roundTrip, out ushort stream)
    {
        SctpPair pair = SctpPair.Connected(seed, out stream, path: p => p.Latency = TimeSpan.FromMilliseconds(roundTrip / 2.0));
        pair.RunFor(TimeSpan.FromSeconds(1));
        pair.ToServer.Loss = Loss;
        pair.ToClient.Loss = Loss;
        return pair;
    }
}
