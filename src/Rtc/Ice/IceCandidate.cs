using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bridge.Rtc.Ice;

/// <summary>The value of an a=candidate line; RFC 8839 §5.1, RFC 6544 §4.5.</summary>
/// <param name="Address">Null when the line names a host (mDNS) or something that can't be reached from here.</param>
/// <param name="Component">1 for RTP.</param>
/// <param name="Priority">RFC 8445 §5.1.2.</param>
/// <param name="TcpType">"active", "passive", "so" or null.</param>
internal readonly record struct IceCandidate(TransportAddress? Address, int Component, uint Priority, string? TcpType)
{
    /// <summary>Reads "candidate:..." with or without the prefix "a=". False on what the grammar does not allow.</summary>
    public static bool TryParse(ReadOnlySpan<char> line, out IceCandidate candidate)
    {
        candidate = default;
        line = line.Trim(' ');
        if (line.StartsWith("a="))
        {
            line = line[2..];
        }

        const string Prefix = "candidate:";
        if (line.Length > 1024 || !line.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // foundation component transport priority address port "typ" type [...]
        Span<Range> ranges = stackalloc Range[9];
        ReadOnlySpan<char> rest = line[Prefix.Length..];
        int parts = rest.Split(ranges, ' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts < 8
            || rest[ranges[0]].Length is 0 or > 32
            || !int.TryParse(rest[ranges[1]], NumberStyles.None, CultureInfo.InvariantCulture, out int component)
            || component is < 1 or > 256
            || !uint.TryParse(rest[ranges[3]], NumberStyles.None, CultureInfo.InvariantCulture, out uint priority)
            || !ushort.TryParse(rest[ranges[5]], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || !rest[ranges[6]].SequenceEqual("typ"))
        {
            return false;
        }

        string? tcpType = null;
        TransportProtocol? protocol = null;
        if (rest[ranges[2]].Equals("udp", StringComparison.OrdinalIgnoreCase))
        {
            protocol = TransportProtocol.Udp;
        }
        else if (rest[ranges[2]].Equals("tcp", StringComparison.OrdinalIgnoreCase))
        {
            protocol = TransportProtocol.Tcp;
            tcpType = "active";
            if (parts == 9 && rest[ranges[8]].IndexOf("tcptype ") is >= 0 and int at)
            {
                ReadOnlySpan<char> value = rest[ranges[8]][(at + "tcptype ".Length)..];
                int end = value.IndexOf(' ');
                tcpType = new string(end < 0 ? value : value[..end]);
            }
        }

        ReadOnlySpan<char> host = rest[ranges[4]];
        TransportAddress? address = null;
        if (protocol is { } known && IPAddress.TryParse(host, out IPAddress? ip)
            && ip.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
            && !IPAddress.Any.Equals(ip) && !IPAddress.IPv6Any.Equals(ip))
        {
            address = TransportAddress.From(ip, port, known);
        }

        candidate = new IceCandidate(address, component, priority, tcpType);
        return true;
    }

    /// <summary>
    /// The priority of a host candidate: earlier in the list is better, UDP before TCP; RFC 8445 §5.1.2.1, RFC 6544 §4.2.
    /// </summary>
    public static uint HostPriority(TransportProtocol protocol, int index)
    {
        const uint HostPreference = 126;
        uint local = protocol == TransportProtocol.Udp
            ? 65535u - (uint)Math.Min(index, 8191)
            : (4u << 13) + 8191u - (uint)Math.Min(index, 8191);

        // TCP gets a lower type preference too, so that no TCP candidate beats a UDP one.
        uint type = protocol == TransportProtocol.Udp ? HostPreference : HostPreference - 36;
        return (type << 24) | (local << 8) | 255;
    }
}
