using Bridge.Lab;
using Bridge.Rtc;
using Bridge.Transport;
using Bridge.WarmUp;

namespace Bridge.Tests.Transport;

/// <summary>A peer that waits for its time costs as much at the end of a call as at its beginning.</summary>
public sealed class PeerTimersTests
{
    [Fact]
    public void A_deadline_that_moves_leaves_nothing_where_it_was()
    {
        using var endpoint = TestEndpoint.Open();
        using var one = EchoPeer.Create(endpoint);
        using var other = EchoPeer.Create(endpoint);
        using PeerTimers timers = new(endpoint.Clock);
        PeerTimers.Entry first = new(one);
        PeerTimers.Entry second = new(other);
        var later = endpoint.Clock.Now + TimeSpan.FromHours(1);
        for (var i = 0; i < 1_000; i++)
        {
            timers.Schedule(first, later - TimeSpan.FromSeconds(i));
            timers.Schedule(second, later - TimeSpan.FromSeconds(i));
        }

        Assert.Equal(2, timers.Count);
    }

    [Fact]
    public void The_earliest_deadline_is_first_however_they_move()
    {
        var random = new Random(1);
        var heap = new DeadlineHeap();
        var entries = Enumerable.Range(0, 200).Select(_ => new PeerTimers.Entry(null!)).ToArray();
        var waiting = new Dictionary<PeerTimers.Entry, Instant>();
        for (var step = 0; step < 20_000; step++)
        {
            if (random.Next(4) > 0)
            {
                var entry = entries[random.Next(entries.Length)];
                heap.Set(entry, waiting[entry] = new Instant(random.Next(1_000)));
            }
            else if (heap.First is { } first)
            {
                Assert.Equal(waiting.Values.Min(), waiting[first]);
                heap.RemoveFirst();
                waiting.Remove(first);
            }

            Assert.Equal(waiting.Count, heap.Count);
        }
    }

    [Fact]
    public void A_deadline_that_moves_allocates_nothing()
    {
        var heap = new DeadlineHeap();
        PeerTimers.Entry one = new(null!);
        PeerTimers.Entry other = new(null!);
        heap.Set(other, new Instant(500));

        // What moving allocates it allocates in each round; what the runtime does on this thread while it warms up, in one.
        Assert.Equal(0, Enumerable.Range(0, 4).Min(_ => Move()));

        long Move()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                heap.Set(one, new Instant(i));
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
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
