namespace Bridge.Cluster;

/// <summary>The state of a node, as it is published with each renewal of its lease.</summary>
/// <param name="Id">Names the process.</param>
/// <param name="Name">Machine and HTTP port, for people.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Since">When it started.</param>
/// <param name="Calls">Calls that it holds.</param>
/// <param name="MaxCalls">As many as it takes.</param>
/// <param name="Draining">It takes no new call.</param>
/// <param name="Roles">Revision of each role that it serves, by slug.</param>
internal sealed record NodeReport(
    string Id,
    string Name,
    string Version,
    DateTimeOffset Since,
    int Calls,
    int MaxCalls,
    bool Draining,
    IReadOnlyDictionary<string, string> Roles);
