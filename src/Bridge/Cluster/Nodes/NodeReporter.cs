using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Roles;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Cluster.Nodes;

/// <summary>This process as other nodes and operators see it.</summary>
internal sealed class NodeReporter(
    ICallDirectory directory, CallRegistry calls, RoleCatalog roles, HostClock clock, IOptions<BridgeOptions> options)
{
    /// <summary>The report of this moment.</summary>
    public NodeReport Read() => new(
        directory.Node,
        $"{Environment.MachineName}:{options.Value.Port}",
        typeof(NodeReporter).Assembly.GetName().Version?.ToString(3) ?? "",
        clock.UtcNow - clock.Elapsed,
        calls.Calls.Count(),
        options.Value.MaxCalls,
        calls.Draining,
        Revisions(roles.Current));

    /// <summary>The revision of each role that is served.</summary>
    public static Dictionary<string, string> Revisions(RoleSnapshot roles) => roles.Entries
        .Where(e => e.Role is not null)
        .GroupBy(e => e.Slug, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First().Role!.Revision, StringComparer.Ordinal);
}
