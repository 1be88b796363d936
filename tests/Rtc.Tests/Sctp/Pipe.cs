using Bridge.Rtc;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>One direction of a path in virtual time: latency, jitter, loss, duplication, and a hook that may drop by content.</summary>
internal sealed class Pipe(Random random)
{
    private readonly PriorityQueue<byte[], (long Ticks, int Order)> _under = new();
    private int _order;

    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan Jitter { get; set; }

    public double Loss { get; set; }

    public double Duplication { get; set; }

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
            Instant at = now + Latency + TimeSpan.FromTicks((long)(random.NextDouble() * Jitter.Ticks));
            _under.Enqueue(copy, (at.Ticks, _order++));
        }
    }

    public bool TryPop(Instant now, out byte[] packet)
    {
        if (_under.TryPeek(out _, out (long Ticks, int Order) at) && at.Ticks <= now.Ticks)
        {
            packet = _under.Dequeue();
            return true;
        }

        packet = [];
        return false;
    }
}
