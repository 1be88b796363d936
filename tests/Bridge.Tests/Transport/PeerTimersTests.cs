using Bridge.Rtc;
using Bridge.Transport;

namespace Bridge.Tests.Transport;

/// <summary>What waits for its time costs as much at the end of a call as at its beginning.</summary>
public sealed class PeerTimersTests
{
    [Fact]
    public void A_deadline_that_moves_leaves_nothing_where_it_was()
    {
        using var endpoint = TestEndpoint.Open();
        using var one = endpoint.CreateEcho();
        using var other = endpoint.CreateEcho();
        using PeerTimers timers = new();
        PeerTimers.Entry first = new(one);
        PeerTimers.Entry second = new(other);
        var later = MonotonicClock.Now + TimeSpan.FromHours(1);
        for (var i = 0; i < 1_000; i++)
        {
            timers.Schedule(first, later - TimeSpan.FromSeconds(i));
            timers.Schedule(second, later - TimeSpan.FromSeconds(i));
        }

        Assert.Equal(2, timers.Count);
    }

    [Fact]
    public void A_connection_waits_at_one_place_whatever_it_has_exchanged()
    {
        const int Connections = 3;
        using var endpoint = TestEndpoint.Open();
        for (var i = 0; i < Connections; i++)
        {
            Assert.True(MediaWarmUp.Run(endpoint, TestContext.Current.CancellationToken));
        }

        Assert.InRange(endpoint.Timers.Count, 0, Connections);
    }
}
