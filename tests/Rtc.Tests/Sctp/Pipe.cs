using Bridge.Rtc;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>One direction of a path in virtual time: latency, jitter, loss, duplication, and a hook that may drop by content.</summary>
internal sealed class Pipe(Random random)
{
    private readonly PriorityQueue<byte[], (long Ticks, int Order)> _under = new();
    private int _order;
    private long _buffered;

    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan Jitter { get; set; }

    public double Loss { get; set; }

    public double Duplication { get; set; }

    /// <summary>
    /// The reader at the far end is busy: it takes what came at multiples of this alone. Zero: it takes each packet at once.
    /// </summary>
    public TimeSpan ReadEvery { get; set; }

    /// <summary>
    /// The reader's socket buffer in bytes as Linux counts them, 2,304 for a large packet and 832 for a small one; what it can't hold is
    /// lost.
    /// </summary>
    public long SocketBuffer { get; set; } = long.MaxValue;

    /// <summary>Packets that the socket buffer could not hold.</summary>
    public int Overflows { get; private set; }

    /// <summary>Returns true to drop a packet.</summary>
    public Func<byte[], bool>? Drop { get; set; }

    public int Carried { get; private set; }

    public long Bytes { get; private set; }

    public Instant Next => _under.TryPeek(out _, out (long Ticks, int Order) at) ? new Instant(at.Ticks) : Instant.Distant;

    public void Push(Instant now, ReadOnlySpan<byte> packet)
    {
        byte[] copy = packet.ToArray();
        Carried++;
        Bytes += copy.Length;
        if (random.NextDouble() < Loss || Drop?.Invoke(copy) == true)
        {
            return;
        }

        int copies = random.NextDouble() < Duplication ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            if (_buffered + Cost(copy) > SocketBuffer)
            {
                Overflows++;
                continue;
            }

            _buffered += Cost(copy);
            Instant at = now + Latency + TimeSpan.FromTicks((long)(random.NextDouble() * Jitter.Ticks));
            long ticks = ReadEvery == TimeSpan.Zero ? at.Ticks : ((at.Ticks / ReadEvery.Ticks) + 1) * ReadEvery.Ticks;
            _under.Enqueue(copy, (ticks, _order++));
        }
    }

    public bool TryPop(Instant now, out byte[] packet)
    {
        if (_under.TryPeek(out _, out (long Ticks, int Order) at) && at.Ticks <= now.Ticks)
        {
            packet = _under.Dequeue();
            _buffered -= Cost(packet);
            return true;
        }

        packet = [];
        return false;
    }

    private static int Cost(byte[] packet) => packet.Length > 300 ? 2304 : 832;
}
