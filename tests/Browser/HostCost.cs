using System.Globalization;

namespace Bridge.Browser.Tests;

/// <summary>The resources that a host's process holds.</summary>
internal sealed record HostCost(int OwnThreads, int Threads, int Sockets, double Megabytes)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{OwnThreads} threads of ours of {Threads}, {Sockets} sockets, {Megabytes:F0} MB");
}
