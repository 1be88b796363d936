using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Bridge.Rtc;

/// <summary>One end of a transport: address, port and protocol, comparable without allocation.</summary>
/// <param name="Address">The IPv6 address in network order, most significant byte first; IPv4 as ::ffff:a.b.c.d.</param>
/// <param name="Port">The port.</param>
/// <param name="Protocol">UDP or TCP.</param>
public readonly record struct TransportAddress(UInt128 Address, ushort Port, TransportProtocol Protocol)
{
    private static readonly UInt128 MappedPrefix = new(0, 0x0000_FFFF_0000_0000);

    /// <summary>True for an IPv4 address.</summary>
    public bool IsIPv4 => Address >> 32 == MappedPrefix >> 32;

    /// <summary>The IPv4 address as a big-endian number; meaningful only when <see cref="IsIPv4"/>.</summary>
    public uint IPv4 => (uint)Address;

    /// <summary>From an address and a port.</summary>
    public static TransportAddress From(IPAddress address, int port, TransportProtocol protocol = TransportProtocol.Udp)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out int written))
        {
            throw new ArgumentException("The address has no byte form.", nameof(address));
        }

        UInt128 value = written == 4
            ? MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new TransportAddress(value, checked((ushort)port), protocol);
    }

    /// <summary>From an endpoint.</summary>
    public static TransportAddress From(IPEndPoint endPoint, TransportProtocol protocol = TransportProtocol.Udp) =>
        From(endPoint.Address, endPoint.Port, protocol);

    /// <summary>From what <see cref="Socket.ReceiveFrom(Span{byte}, SocketFlags, SocketAddress)"/> filled in; allocates nothing.</summary>
    /// <exception cref="ArgumentException">The family is neither IPv4 nor IPv6.</exception>
    public static TransportAddress From(SocketAddress address, TransportProtocol protocol = TransportProtocol.Udp)
    {
        // sockaddr_in: family(2) port(2) address(4); sockaddr_in6: family(2) port(2) flow(4) address(16) scope(4).
        ReadOnlySpan<byte> bytes = address.Buffer.Span;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return address.Family switch
        {
            AddressFamily.InterNetwork =>
                new TransportAddress(MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port, protocol),
            AddressFamily.InterNetworkV6 => new TransportAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]), port, protocol),
            _ => throw new ArgumentException("Only IPv4 and IPv6 carry WebRTC.", nameof(address)),
        };
    }

    /// <summary>From an IPv4 address as a big-endian number.</summary>
    public static TransportAddress FromIPv4(uint address, int port, TransportProtocol protocol = TransportProtocol.Udp) =>
        new(MappedPrefix | address, checked((ushort)port), protocol);

    /// <summary>The address alone; IPv4 comes back as IPv4.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        return IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }

    /// <summary>As an endpoint.</summary>
    public IPEndPoint ToIPEndPoint() => new(ToIPAddress(), Port);

    /// <inheritdoc />
    public override string ToString() => $"{ToIPEndPoint()}/{(Protocol == TransportProtocol.Udp ? "udp" : "tcp")}";
}
