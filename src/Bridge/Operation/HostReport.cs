using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Records;
using Bridge.Roles;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Operation;

/// <summary>The health of the host: the one word of <c>/healthz/ready</c>, in parts.</summary>
internal sealed class HostReport(
    CallRegistry calls, RoleCatalog roles, RecordWriter writer, ModelDirectory models, ModelHealth model, MemoryBudget memory,
    BridgeMetrics metrics, HostClock clock, IOptions<BridgeOptions> options)
{
    /// <summary>Asks every part; takes as long as the slowest of them, a few seconds at most.</summary>
    public async Task<HostHealth> ReadAsync()
    {
        var reachable = model.IsReachableAsync();
        var well = await writer.IsWellAsync().ConfigureAwait(false);
        var entries = roles.Current.Entries;
        var about = models.Describe();
        var state = calls.Draining ? "draining"
            : entries.All(e => e.Role is null) ? "no_role"
            : well ? "ready" : "degraded";
        return new HostHealth(
            state,
            clock.UtcNow - clock.Elapsed,
            typeof(HostReport).Assembly.GetName().Version?.ToString(3) ?? "",
            new HostHealth.CallCounts(calls.Calls.Count(), options.Value.MaxCalls),
            new HostHealth.MemoryBytes(memory.Held, memory.Max),
            new HostHealth.Store(
                string.IsNullOrEmpty(options.Value.Records.Postgres) ? "sqlite" : "postgresql", well, writer.Waiting, writer.Lost),
            new HostHealth.ModelState(about.Kind, about.Name, await reachable.ConfigureAwait(false), model.LastOpened, model.LastFailed),
            Disk(options.Value.Data),
            new HostHealth.RoleCounts(entries.Count(e => e.Role is not null), entries.Count(e => e.Errors.Count > 0)),
            metrics.Problems.Latest());
    }

    private static HostHealth.DiskBytes? Disk(string folder)
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(folder));
            return new HostHealth.DiskBytes(drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
