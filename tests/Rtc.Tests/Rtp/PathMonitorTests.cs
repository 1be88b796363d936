using System.Buffers.Binary;
using Bridge.Rtc.Rtp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Rtp;

/// <summary>Feedback on our own packets is read, from a browser and from somebody who means no good.</summary>
public sealed class PathMonitorTests
{
    private static readonly Instant Start = new(-7_000_000_000_000);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void Feedback_tells_the_queue_the_loss_and_the_rate_whatever_the_clocks_say()
    {
        var monitor = new PathMonitor();
        var remote = new TransportFeedback(new Instant(123_456_789));
        var first = new SequenceNumber(65_530);

        // Ten packets of 200 bytes each 20 ms over a link of 40 kbit/s: each takes 40 ms, the seventh is lost.
        for (int i = 0; i < 10; i++)
        {
            monitor.Sent(Start + (Period * i), first + i, 200);
            if (i != 6)
            {
                remote.Note(new Instant(900_000_000) + (2 * Period * i), first + i);
            }
        }

        byte[] fci = new byte[TransportFeedback.MaxSize];
        int length = remote.Write(fci);
        Assert.True(monitor.TryRead(Start + TimeSpan.FromSeconds(1), fci.AsSpan(0, length), out PathReport report));
        Assert.Equal((9, 1), (report.Received, report.Lost));
        Assert.Equal(TimeSpan.Zero, report.LeastQueue);
        Assert.InRange((report.LatestQueue - TimeSpan.FromMilliseconds(180)).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.Equal(Period * 9, report.Span);

        // The first two came before the link was known to be busy. The share of the one that was lost is not known.
        Assert.Equal(1200, report.Bytes);
        Assert.InRange(report.ArrivalSpan!.Value.TotalMilliseconds, 238, 242);
        Assert.False(monitor.TryRead(Start + TimeSpan.FromSeconds(1), fci.AsSpan(0, length), out _));
    }

    [Fact]
    public void Packets_that_were_overtaken_are_counted()
    {
        var monitor = new PathMonitor();
        var remote = new TransportFeedback(new Instant(0));
        int[] delays = [10, 90, 10, 10, 10, 300, 10, 50];
        for (int i = 0; i < delays.Length; i++)
        {
            monitor.Sent(Start + (Period * i), new SequenceNumber((ushort)i), 200);
        }

        // The second comes after the fifth, the sixth after all others, when the message is gone.
        foreach (int i in Enumerable.Range(0, delays.Length).Where(i => i != 5).OrderBy(i => (i * 20) + delays[i]))
        {
            remote.Note(new Instant(0) + (Period * i) + TimeSpan.FromMilliseconds(delays[i]), new SequenceNumber((ushort)i));
        }

        byte[] fci = new byte[TransportFeedback.MaxSize];
        int length = remote.Write(fci);
        Assert.True(monitor.TryRead(Start + TimeSpan.FromSeconds(1), fci.AsSpan(0, length), out PathReport report));
        Assert.Equal((7, 1, 1), (report.Received, report.Lost, report.Overtaken));
    }

    [Fact]
    public void A_link_that_is_idle_between_packets_tells_nothing_of_its_rate()
    {
        var monitor = new PathMonitor();
        var remote = new TransportFeedback(new Instant(0));
        TimeSpan way = TimeSpan.FromMilliseconds(5);
        for (int i = 0; i < 10; i++)
        {
            // After five packets each takes 15 of the 20 ms on the link.
            monitor.Sent(Start + (Period * i), new SequenceNumber((ushort)i), 200);
            remote.Note(new Instant(0) + (Period * i) + (i < 5 ? way : 4 * way), new SequenceNumber((ushort)i));
        }

        byte[] fci = new byte[TransportFeedback.MaxSize];
        int length = remote.Write(fci);
        Assert.True(monitor.TryRead(Start + TimeSpan.FromSeconds(1), fci.AsSpan(0, length), out PathReport report));
        Assert.InRange(report.LatestQueue.TotalMilliseconds, 14, 16);
        Assert.Equal((0, TimeSpan.Zero), (report.Bytes, report.ArrivalSpan!.Value));
    }

    [Fact]
    public void Run_lengths_and_vectors_of_one_bit_are_read_too()
    {
        var monitor = new PathMonitor();
        for (int i = 0; i < 40; i++)
        {
            monitor.Sent(Start + (Period * i), new SequenceNumber((ushort)i), 100);
        }

        // 20 small deltas by run length, 14 by a vector of which every second arrived, 6 that did not.
        byte[] fci = new byte[8 + 6 + 20 + 7];
        BinaryPrimitives.WriteUInt16BigEndian(fci.AsSpan(2), 40);
        BinaryPrimitives.WriteUInt16BigEndian(fci.AsSpan(8), (1 << 13) | 20);
        BinaryPrimitives.WriteUInt16BigEndian(fci.AsSpan(10), 0x8000 | 0b10_1010_1010_1010);
        BinaryPrimitives.WriteUInt16BigEndian(fci.AsSpan(12), 6);
        fci.AsSpan(14).Fill(80);
        Assert.True(monitor.TryRead(Start, fci, out PathReport report));
        Assert.Equal((27, 13), (report.Received, report.Lost));
    }

    [Fact]
    public void No_feedback_whatever_its_bytes_throws_or_tells_of_packets_that_were_not_sent()
    {
        int seed = Seeds.First;
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++)
        {
            var monitor = new PathMonitor();
            int sent = random.Next(0, 60);
            for (int i = 0; i < sent; i++)
            {
                monitor.Sent(Start + (Period * i), new SequenceNumber((ushort)i), 100);
            }

            byte[] fci = new byte[random.Next(0, 60)];
            random.NextBytes(fci);
            if (fci.Length > 3 && random.Next(2) == 0)
            {
                (fci[0], fci[1], fci[2]) = (0, (byte)random.Next(60), 0);
            }

            if (monitor.TryRead(Start + TimeSpan.FromSeconds(2), fci, out PathReport report))
            {
                Assert.True(report.Received + report.Lost <= sent && report.Bytes <= sent * 100, $"seed {seed}, round {round}");
                Assert.True(report.LatestQueue >= TimeSpan.Zero && report.ArrivalSpan >= TimeSpan.Zero, $"seed {seed}, round {round}");
            }
        }
    }

    [Fact]
    public void A_queue_that_stands_for_two_minutes_is_the_path_itself()
    {
        var queues = new QueueBase();
        Assert.Equal(TimeSpan.Zero, queues.Add(Start, TimeSpan.FromHours(9)));
        TimeSpan longer = TimeSpan.FromHours(9) + TimeSpan.FromMilliseconds(80);
        Assert.Equal(80, queues.Add(Start + TimeSpan.FromSeconds(60), longer).TotalMilliseconds);
        Assert.Equal(0, queues.Add(Start + TimeSpan.FromSeconds(141), longer).TotalMilliseconds);
    }

    [Fact]
    public void A_clock_that_was_set_is_no_queue()
    {
        var queues = new QueueBase();
        queues.Add(Start, TimeSpan.FromHours(9));
        Assert.Equal(TimeSpan.Zero, queues.Add(Start + Period, TimeSpan.FromHours(10)));
        Assert.Equal(TimeSpan.Zero, queues.Add(Start + (2 * Period), TimeSpan.FromHours(8)));
    }
}
