using Bridge.Configuration;
using Bridge.Timing;
using Microsoft.Extensions.Options;

namespace Bridge.Records;

/// <summary>The services that keep a call: the queue, the name of this host process, and the host's own rules.</summary>
internal sealed class RecordDesk(RecordWriter writer, HostLease lease, HostClock clock, IOptions<BridgeOptions> options)
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>Where facts are posted.</summary>
    public RecordWriter Writer => writer;

    /// <summary>This host process.</summary>
    public string Owner => lease.Owner;

    /// <summary>True where other nodes write to the same store.</summary>
    public bool IsShared { get; } = options.Value is { Redis.Length: > 0, Records.Postgres.Length: > 0 };

    /// <summary>The rule of what is kept of a call with this role.</summary>
    public RecordPolicy PolicyOf(RoleRecords role) => RecordPolicy.Of(role, options.Value.Records);

    /// <summary>
    /// Posts a fact, and waits until it is durable, or for a while. A store in trouble is not waited for: the fact stays in the
    /// queue, and the host says so.
    /// </summary>
    /// <param name="write">The fact.</param>
    /// <param name="within">How long; a second when absent.</param>
    public Task SettleAsync(RecordWrite write, TimeSpan? within = null) => WaitAsync(writer.PostAsync(write), within ?? Moment);

    /// <summary>Waits until something posted is durable, or for a while.</summary>
    public async Task WaitAsync(Task durable, TimeSpan within)
    {
        try
        {
            await durable.WaitAsync(within, clock.Time).ConfigureAwait(false);
        }
        catch (Exception away) when (away is IOException or TimeoutException)
        {
            // RecordHealth reports it.
        }
    }

    /// <inheritdoc cref="WaitAsync(Task, TimeSpan)"/>
    public Task WaitAsync(Task durable) => WaitAsync(durable, Moment);
}
