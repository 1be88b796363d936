using Bridge.Configuration;
using Bridge.Trail;
using Bridge.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Bridge.Tests.Transport;

/// <summary>A media endpoint without a host around it, reached over loopback.</summary>
internal static class TestEndpoint
{
    public static MediaEndpoint Open() =>
        new(
            Options.Create(new BridgeOptions { UdpPort = 0, Loopback = true }),
            Calls.Clocks.Real(),
            new TrailLoggers(NullLoggerFactory.Instance),
            NullLogger<MediaEndpoint>.Instance);
}
