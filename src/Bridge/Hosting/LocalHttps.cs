using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bridge.Access;
using Bridge.Configuration;

namespace Bridge.Hosting;

/// <summary>
/// <c>--https</c>: pages for a phone on the same network. A browser gives the microphone to HTTPS alone, so the host has a
/// certificate of its own (<see cref="LocalCertificate"/>), listens beyond this machine, and takes calls of whoever has the ticket
/// in the address that it prints, unless it was said who may call.
/// </summary>
internal sealed class LocalHttps : IDisposable
{
    private const int TicketSeconds = 12 * 60 * 60;

    private LocalHttps(X509Certificate2 certificate, IPAddress phones, string? ticket) =>
        (Certificate, Phones, Ticket) = (certificate, phones, ticket);

    public X509Certificate2 Certificate { get; }

    /// <summary>The address that a phone uses.</summary>
    public IPAddress Phones { get; }

    /// <summary>A ticket of this process, for 12 hours; null when the operator said who may call.</summary>
    public string? Ticket { get; }

    /// <summary>Completes the configuration and gets the certificate; null without <c>--https</c>.</summary>
    /// <exception cref="HostStartException">There is no address that a phone could reach, or other settings contradict.</exception>
    public static LocalHttps? Prepare(IConfigurationManager configuration, IReadOnlyList<IPAddress> found)
    {
        var section = configuration.GetSection(BridgeOptions.Section);
        if (!string.Equals(section[nameof(BridgeOptions.Https)], "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!string.IsNullOrEmpty(configuration["urls"]) || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            throw new HostStartException(
                "--https listens at --host and --port with a certificate of its own; leave out --urls and Kestrel:Endpoints, or --https.");
        }

        var host = section[nameof(BridgeOptions.Host)];
        var addresses = Reachable(host, section.GetSection(nameof(BridgeOptions.PublicAddresses)), found);
        var names = Names();
        var keys = new Dictionary<string, string?>
        {
            [Key(nameof(BridgeOptions.Host))] = string.IsNullOrEmpty(host) ? "*" : host,
        };
        var named = section.GetSection(nameof(BridgeOptions.HostNames)).GetChildren().Count();
        for (var i = 0; i < names.Count; i++)
        {
            keys[Key($"{nameof(BridgeOptions.HostNames)}:{named + i}")] = names[i];
        }

        var access = $"{nameof(BridgeOptions.Access)}:";
        string? ticket = null;
        if (string.IsNullOrEmpty(section[access + nameof(AccessOptions.Mode)]))
        {
            // Everybody in this network may reach the host; people who have seen the code on its screen may call.
            var key = section[access + nameof(AccessOptions.Key)] is { Length: > 0 } own
                ? own
                : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            keys[Key(access + nameof(AccessOptions.Mode))] = "ticket";
            keys[Key(access + nameof(AccessOptions.Key))] = key;
            var audience = section[access + nameof(AccessOptions.Audience)];
            ticket = TicketMint.Mint(
                new TicketRequest("this-network", ExpiresIn: TicketSeconds), key, string.IsNullOrEmpty(audience) ? null : audience,
                DateTimeOffset.UtcNow).Ticket;
        }

        configuration.AddInMemoryCollection(keys);
        var certificate = LocalCertificate.Obtain(
            section[nameof(BridgeOptions.Data)] is { Length: > 0 } data ? data : new BridgeOptions().Data,
            ["localhost", .. names], [.. addresses, IPAddress.Loopback, IPAddress.IPv6Loopback], DateTimeOffset.UtcNow);
        return new LocalHttps(certificate, Preferred(addresses), ticket);
    }

    /// <summary>An address of the page, with the ticket behind the <c>#</c>, where no server and no log sees it.</summary>
    /// <param name="host">Name or address.</param>
    /// <param name="port">TCP port.</param>
    public string Page(string host, int port) => $"https://{host}:{port}/{(Ticket is null ? "" : $"#ticket={Ticket}")}";

    /// <summary>The address that a phone uses, as it stands in a URL.</summary>
    public string PhonesHost => Phones.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Phones}]" : Phones.ToString();

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();

    // IPv6 addresses come and go by the day, and each change is a new certificate: only where there are no others.
    private static List<IPAddress> Reachable(string? host, IConfigurationSection configured, IReadOnlyList<IPAddress> found)
    {
        var bound = IPAddress.TryParse(host, out var one) && !one.Equals(IPAddress.Any) && !one.Equals(IPAddress.IPv6Any) ? one : null;
        var own = bound is null ? found : [bound];
        var addresses = configured.GetChildren().Select(c => c.Value).Where(value => IPAddress.TryParse(value, out _))
            .Select(value => IPAddress.Parse(value!)).Concat(own).Where(address => !IPAddress.IsLoopback(address)).Distinct().ToList();
        var four = addresses.FindAll(address => address.AddressFamily == AddressFamily.InterNetwork);
        addresses = four.Count > 0 ? four : addresses;
        return addresses.Count > 0 && host != "localhost" ? addresses : throw new HostStartException(
            "--https is for other devices, and they can't reach this host: connect the machine to a network, or name its address with "
                + "--public-address; --host may not be localhost.");
    }

    // Not a packet is sent: the system says which address it would come from.
    private static IPAddress Preferred(List<IPAddress> addresses)
    {
        try
        {
            using var socket = new Socket(addresses[0].AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(IPAddress.Parse(addresses[0].AddressFamily == AddressFamily.InterNetwork ? "192.0.2.1" : "2001:db8::1"), 9);
            return socket.LocalEndPoint is IPEndPoint { Address: var address } && addresses.Contains(address) ? address : addresses[0];
        }
        catch (SocketException)
        {
            // A network without a way out.
            return addresses[0];
        }
    }

    private static List<string> Names()
    {
        var name = Dns.GetHostName();
        return Uri.CheckHostName(name) != UriHostNameType.Dns || Binding.IsLoopbackName(name) ? []
            : name.Contains('.', StringComparison.Ordinal) ? [name]
            : [name, $"{name}.local"];
    }

    private static string Key(string name) => $"{BridgeOptions.Section}:{name}";
}
