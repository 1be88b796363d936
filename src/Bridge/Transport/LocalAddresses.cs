using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Bridge.Rtc;

namespace Bridge.Transport;

/// <summary>The addresses this machine is reached by, and the ICE candidates they make (RFC 8445 §5.1.1).</summary>
internal static class LocalAddresses
{
    /// <summary>Unicast addresses of interfaces that are up. Loopback only when asked for, or when there is nothing else.</summary>
    public static IReadOnlyList<IPAddress> Find(bool includeLoopback)
    {
        var found = new List<IPAddress>();
        foreach (var nic in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (nic.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown)
                || nic.NetworkInterfaceType == NetworkInterfaceType.Loopback)
            {
                continue;
            }

            foreach (var unicast in nic.GetIPProperties().UnicastAddresses)
            {
                var address = unicast.Address;

                // A link-local address needs a zone, which no candidate can carry (RFC 8839 §5.1).
                if (!address.IsIPv6LinkLocal && !IPAddress.IsLoopback(address)
                    && address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
                {
                    found.Add(address);
                }
            }
        }

        if (includeLoopback || found.Count == 0)
        {
            found.Add(IPAddress.Loopback);
            if (Socket.OSSupportsIPv6 && HasLoopback6())
            {
                found.Add(IPAddress.IPv6Loopback);
            }
        }

        return found;
    }

    /// <summary>
    /// Public addresses first: they are what a client elsewhere can reach. A public address stands for the first
    /// socket of its family, the one that a 1:1 NAT forwards to.
    /// </summary>
    public static IReadOnlyList<LocalCandidate> Candidates(
        IReadOnlyList<(IPAddress Address, int Socket)> bound, IReadOnlyList<IPAddress> configured, int port, bool withTcp)
    {
        var candidates = new List<LocalCandidate>();
        foreach (var address in configured)
        {
            var local = bound.FirstOrDefault(b => b.Address.AddressFamily == address.AddressFamily).Socket;
            candidates.Add(new LocalCandidate(TransportAddress.From(address, port), local));
        }

        foreach (var (address, socket) in bound)
        {
            if (!configured.Contains(address))
            {
                candidates.Add(new LocalCandidate(TransportAddress.From(address, port), socket));
            }
        }

        // UDP first: TCP is for networks that leave nothing else.
        return withTcp
            ? [.. candidates, .. candidates.Select(c => c with { Address = c.Address with { Protocol = TransportProtocol.Tcp } })]
            : candidates;
    }

    private static bool HasLoopback6() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(n => n.GetIPProperties().UnicastAddresses)
        .Any(u => u.Address.Equals(IPAddress.IPv6Loopback));
}
