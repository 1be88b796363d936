using Bridge.Rtc;

namespace Bridge.Testing;

/// <summary>
/// A network in virtual time: seeded loss, duplication, reordering, jitter, an MTU, and nodes that move to another address.
/// </summary>
public sealed class VirtualNetwork(int seed)
{
    private const int IpAndUdp = 48;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<Flight, (long Ticks, long Number)> _flights = new();
    private readonly Dictionary<TransportAddress, TransportAddress> _translations = [];
    private readonly Dictionary<TransportAddress, TransportAddress> _behind = [];
    private readonly HashSet<TransportAddress> _cut = [];
    private long _number;

    public NetworkConditions Conditions { get; } = new();

    /// <summary>Returns true for a datagram that shall vanish. For the loss of one particular datagram.</summary>
    public Func<TransportAddress, TransportAddress, byte[], bool>? Drop { get; set; }

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

        Launch(now, source, to, copy);
        if (_random.NextDouble() < Conditions.Duplication)
        {
            Launch(now, source, to, [.. copy]);
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
