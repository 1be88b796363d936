using System.Net;
using System.Net.Sockets;

namespace Bridge.Tools;

/// <summary>
/// Which addresses are on the public internet. IANA's special-purpose registries (RFC 6890 and its updates), and the one
/// public address that a cloud keeps for its machines' own configuration (Azure's 168.63.129.16).
/// </summary>
internal static class AddressRule
{
    private static readonly IPNetwork[] NotPublic = [.. new[]
    {
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/128", "::1/128", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
        "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    }.Select(text => IPNetwork.Parse(text))];

    /// <summary>
    /// False for loopback, private, link-local, multicast, documentation and reserved addresses, also when wrapped into IPv6.
    /// </summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            if (address.IsIPv4MappedToIPv6)
            {
                return IsPublic(address.MapToIPv4());
            }

            // An IPv4 address inside: NAT64 (RFC 6052), 6to4 (RFC 3056), IPv4-compatible (RFC 4291).
            Span<byte> bytes = stackalloc byte[16];
            address.TryWriteBytes(bytes, out _);
            if (bytes[..12].SequenceEqual((ReadOnlySpan<byte>)[0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]))
            {
                return IsPublic(new IPAddress(bytes[12..]));
            }

            if (bytes[0] == 0x20 && bytes[1] == 0x02)
            {
                return IsPublic(new IPAddress(bytes[2..6]));
            }

            if (bytes[..12].IndexOfAnyExcept((byte)0) < 0)
            {
                return false;
            }
        }

        return !NotPublic.Any(network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address));
    }
}
