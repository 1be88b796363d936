using Bridge.Metrics;

namespace Bridge.Operation;

/// <summary>Answer of <c>/api/health</c>.</summary>
/// <param name="State"><c>ready</c>, <c>degraded</c> (records), <c>draining</c> or <c>no_role</c>.</param>
/// <param name="Since">When the host started.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Calls">Calls and their bound.</param>
/// <param name="Memory">Memory of calls, and its bound.</param>
/// <param name="Records">The store of records.</param>
/// <param name="Model">The model.</param>
/// <param name="Disk">The disk of the data folder; null when the system does not tell.</param>
/// <param name="Roles">Roles that are served, and those with errors.</param>
/// <param name="Problems">Problems of calls since the start, by code, the latest first.</param>
internal sealed record HostHealth(
    string State,
    DateTimeOffset Since,
    string Version,
    HostHealth.CallCounts Calls,
    HostHealth.MemoryBytes Memory,
    HostHealth.Store Records,
    HostHealth.ModelState Model,
    HostHealth.DiskBytes? Disk,
    HostHealth.RoleCounts Roles,
    IReadOnlyList<ProblemCount> Problems)
{
    /// <summary>Calls that are alive, and the bound.</summary>
    internal sealed record CallCounts(int Alive, int Max);

    /// <summary>Bytes that calls hold of what came from outside, and the bound.</summary>
    internal sealed record MemoryBytes(long Held, long Max);

    /// <summary>The store: its kind, whether something was written just now, facts that wait, and facts lost since the start.</summary>
    internal sealed record Store(string Kind, bool Well, int Waiting, long Lost);

    /// <summary>The model's service: kind and name, whether its address answers, when sessions were opened and failed last.</summary>
    internal sealed record ModelState(string Kind, string Name, bool Reachable, DateTimeOffset? LastOpened, DateTimeOffset? LastFailed);

    /// <summary>Bytes that this program may still write, and all of them.</summary>
    internal sealed record DiskBytes(long Free, long Total);

    /// <summary>Roles that are served, and roles with errors (a role may be both: its last good version is served).</summary>
    internal sealed record RoleCounts(int Served, int Broken);
}
