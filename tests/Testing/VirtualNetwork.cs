using Bridge.Rtc;

namespace Bridge.Testing;

/// <summary>
/// A network in virtual time: seeded loss, duplication, reordering, jitter, an MTU, and nodes that move to another address.
/// </summary>
public sealed class VirtualNetwork(int seed)
{
    private const int IpAndUdp = 48;
    private const int IPv4AndUdp = 28;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<Flight, (long Ticks, long Number)> _flights = new();
    private readonly Dictionary<TransportAddress, TransportAddress> _translations = [];
    private readonly Dictionary<TransportAddress, TransportAddress> _behind = [];
    private readonly HashSet<TransportAddress> _cut = [];
    private readonly Dictionary<TransportAddress, Instant> _busyUntil = [];
    private long _number;

    public NetworkConditions Conditions { get; } = new();

    /// <summary>Returns true for a datagram that shall vanish. For the loss of one particular datagram.</summary>
    public Func<TransportAddress, TransportAddress, byte[], bool>? Drop { get; set; }

    /// <summary>Told of each datagram that enters a queue: where to, its bytes with headers, and how long it will wait.</summary>
    public Action<TransportAddress, int, TimeSpan>? Queued { get; set; }

    public long Sent { get; private set; }

    public long Lost { get; private set; }

    public int LongestDatagram { get; private set; }

    /// <summary>When the next datagram arrives.</summary>
    public Instant NextArrival => _flights.TryPeek(out _, out (long Ticks, long Number) at) ? new Instant(at.Ticks) : Instant.Distant;

    /// <summary>
    /// From now on a node appears to the others under a new address, and its old one is dead: a changed NAT binding or network.
    /// </summary>
    public void Move(TransportAddress node, TransportAddress appearsAs)
    {
        if (_translations.TryGetValue(node, out TransportAddress former))
        {
            _behind.Remove(former);
        }

        _translations[node] = appearsAs;
        _behind[appearsAs] = node;
        _cut.Add(node);
    }

    public void Send(Instant now, TransportAddress from, TransportAddress to, ReadOnlySpan<byte> datagram)
    {
        Sent++;
        LongestDatagram = Math.Max(LongestDatagram, datagram.Length);
        byte[] copy = datagram.ToArray();
        TransportAddress source = _translations.GetValueOrDefault(from, from);
        if (_random.NextDouble() < Conditions.Loss || copy.Length + IpAndUdp > Conditions.Mtu || Drop?.Invoke(source, to, copy) == true)
        {
            Lost++;
            return;
        }

        if (!TryQueue(now, to, copy.Length, out Instant leaves))
        {
            Lost++;
            return;
        }

        Launch(leaves, source, to, copy);
        if (_random.NextDouble() < Conditions.Duplication)
        {
            Launch(leaves, source, to, [.. copy]);
        }
    }

    /// <summary>Takes the next datagram that has arrived by <paramref name="now"/>.</summary>
    public bool TryReceive(Instant now, out TransportAddress from, out TransportAddress to, out byte[] datagram)
    {
        while (_flights.TryPeek(out Flight? flight, out (long Ticks, long Number) at) && at.Ticks <= now.Ticks)
        {
            _flights.Dequeue();
            TransportAddress node = _behind.GetValueOrDefault(flight.To, flight.To);
            if (node == flight.To && _cut.Contains(node))
            {
                Lost++;
                continue;
            }

            (from, to, datagram) = (flight.From, node, flight.Datagram);
            return true;
        }

        (from, to, datagram) = (default, default, []);
        return false;
    }

    // One queue towards each node; a datagram leaves it when its last bit does.
    private bool TryQueue(Instant now, TransportAddress to, int length, out Instant leaves)
    {
        leaves = now;
        if (Conditions.Rate == 0)
        {
            return true;
        }

        Instant start = _busyUntil.TryGetValue(to, out Instant busy) && busy > now ? busy : now;
        int bytes = length + IPv4AndUdp;
        if (start - now > Conditions.QueueTime)
        {
            return false;
        }

        Queued?.Invoke(to, bytes, start - now);
        leaves = start + TimeSpan.FromSeconds(bytes * 8.0 / Conditions.Rate);
        _busyUntil[to] = leaves;
        return true;
    }

    private void Launch(Instant now, TransportAddress from, TransportAddress to, byte[] datagram)
    {
        TimeSpan delay = Conditions.Delay + (Conditions.Jitter * _random.NextDouble());
        if (_random.NextDouble() < Conditions.Reorder)
        {
            delay += Conditions.Delay + TimeSpan.FromMilliseconds(30);
        }

        _flights.Enqueue(new Flight(from, to, datagram), ((now + delay).Ticks, _number++));
    }

    private sealed record Flight(TransportAddress From, TransportAddress To, byte[] Datagram);
}
