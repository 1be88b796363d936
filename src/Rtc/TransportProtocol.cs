namespace Bridge.Rtc;

/// <summary>The protocol that carries a datagram.</summary>
public enum TransportProtocol : byte
{
    /// <summary>One UDP datagram each.</summary>
    Udp,

    /// <summary>A TCP connection, each datagram framed with a 16-bit length (RFC 4571).</summary>
    Tcp,
}
