using System.Net;
using Bridge.Configuration;
using Microsoft.Extensions.Options;
using SIPSorcery.Sys;

namespace Bridge.SipSorcery;

/// <summary>
/// Where the sockets of this engine are bound, and the addresses that are announced. Each peer has a UDP port of its own out of
/// <c>Bridge:SipSorcery:Ports</c> (default 50000-50999); the host's one port (<c>--udp-port</c>) is not used.
/// </summary>
internal sealed class SipSorceryNetwork
{
    private const string Key = "Bridge:SipSorcery:Ports";
    private const string Default = "50000-50999";

    private readonly IReadOnlyList<IPAddress> _announced;

    /// <exception cref="HostStartException">The range is none.</exception>
    public SipSorceryNetwork(IConfiguration configuration, IOptions<BridgeOptions> options)
    {
        Range = configuration[Key] ?? Default;
        var ends = Range.Split('-');
        if (ends.Length != 2 || !ushort.TryParse(ends[0], out var first) || !ushort.TryParse(ends[1], out var last) || first < 1024
            || first >= last)
        {
            throw new HostStartException($"{Key} is a range of UDP ports from 1024 up, as {Default}; it is '{Range}'.", 2);
        }

        // Shuffled, so that a port that was just given back is seldom taken again at once.
        Ports = new PortRange(first, last, shuffle: true);
        _announced =
        [
            .. options.Value.PublicAddresses.Select(IPAddress.Parse),
            .. options.Value.Loopback ? [IPAddress.Loopback] : Array.Empty<IPAddress>(),
        ];
    }

    /// <summary>The first and the last port, as they were configured.</summary>
    public string Range { get; }

    /// <summary>The ports of this engine.</summary>
    public PortRange Ports { get; }

    /// <summary>
    /// Adds host candidates for the addresses that SIPSorcery does not find by itself: those that were configured (NAT 1:1) and, for
    /// clients on this machine, loopback. Its socket listens on all of them.
    /// </summary>
    /// <param name="answer">SDP whose media sections have at least one candidate.</param>
    public string Announce(string answer)
    {
        if (_announced.Count == 0)
        {
            return answer;
        }

        List<string> lines = [];
        foreach (var line in answer.Split("\r\n"))
        {
            lines.Add(line);

            // a=candidate:FOUNDATION COMPONENT udp PRIORITY ADDRESS PORT typ host ... (RFC 8839 §5.1); one line an address is enough.
            var words = line.Split(' ');
            if (line.StartsWith("a=candidate:", StringComparison.Ordinal) && words.Length >= 8 && words[7] == "host"
                && !lines[^2].StartsWith("a=candidate:", StringComparison.Ordinal))
            {
                for (var index = 0; index < _announced.Count; index++)
                {
                    words[0] = $"a=candidate:{900 + index}";
                    words[4] = _announced[index].ToString();
                    lines.Add(string.Join(' ', words));
                }
            }
        }

        return string.Join("\r\n", lines);
    }
}
