using System.Buffers.Binary;
using System.Net;

namespace Bridge.Limits;

/// <summary>
/// One client to the limits: an IPv4 address, or the /64 of an IPv6 one, because one line of a household or a server
/// has a whole /64 to choose addresses from (RFC 7707 §2.1).
/// </summary>
internal readonly record struct ClientAddress(UInt128 Bits)
{
    private const int HostBits = 64;

    /// <summary>The key of an address; IPv4 inside of IPv6 counts as IPv4. Null, which only tests have, is an address of its own.</summary>
    public static ClientAddress Of(IPAddress? address)
    {
        if (address is null)
        {
            return default;
        }

        address = address.MapToIPv6();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new ClientAddress(address.IsIPv4MappedToIPv6 ? bits : bits >> HostBits << HostBits);
    }
}
