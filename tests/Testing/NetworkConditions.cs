namespace Bridge.Testing;

/// <summary>How a <see cref="VirtualNetwork"/> treats datagrams. May be changed while it runs.</summary>
public sealed class NetworkConditions
{
    /// <summary>Share of datagrams that vanish, 0..1.</summary>
    public double Loss { get; set; }

    /// <summary>Share that arrives twice.</summary>
    public double Duplication { get; set; }

    /// <summary>Share that is held back by one more <see cref="Delay"/> plus 30 ms, and so overtaken.</summary>
    public double Reorder { get; set; }

    /// <summary>One way.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Up to this much is added to each datagram's delay, evenly spread.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>
    /// Bit/s that pass each way, IP and UDP headers counted; 0 for no limit. The rest waits in a queue before it sets out.
    /// </summary>
    public int Rate { get; set; }

    /// <summary>A datagram that would wait longer than this in the queue vanishes.</summary>
    public TimeSpan QueueTime { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The longest IP packet; a longer one vanishes, as on a path that drops fragments. Counted with 48 bytes of IPv6 and UDP.
    /// </summary>
    public int Mtu { get; set; } = 1500;
}
