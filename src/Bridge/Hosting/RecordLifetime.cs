using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Records;
using Bridge.WebHooks;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>
/// Before anything listens the store is made ready: its schema, the records of earlier versions, the calls that a crash
/// interrupted, the events that wait for web hooks. After everything has stopped, what still waits is written.
/// </summary>
internal sealed class RecordLifetime(
    HostLease lease, ICallStore store, RecordWriter writer, CallRecovery recovery, RecordRetention retention, WebHookSender hooks,
    BridgeMetrics metrics, IOptions<BridgeOptions> options, ILogger<RecordLifetime> logger)
    : IHostedLifecycleService
{
    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            lease.Hold();
        }
        catch (IOException failure)
        {
            throw new HostStartException($"--data: records of calls can't be written ({failure.Message}).");
        }

        try
        {
            await store.OpenAsync(cancellationToken).ConfigureAwait(false);
            await ImportAsync(cancellationToken).ConfigureAwait(false);
            await recovery.StartAsync(cancellationToken).ConfigureAwait(false);
            await hooks.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or RecordRefusedException)
        {
            // Told now, not when the first call is over.
            var setting = string.IsNullOrEmpty(options.Value.Records.Postgres) ? "--data" : "Bridge:Records:Postgres";
            throw new HostStartException($"{setting}: records of calls can't be written ({failure.Message}).");
        }

        metrics.Watch("bridge.records.waiting", "{fact}", "Facts of calls that wait to be written.", () => writer.Waiting);
        metrics.Watch(
            "bridge.records.degraded",
            "1",
            "1 while facts of calls can't be written, or wait for too long.",
            () => writer.IsDegraded ? 1 : 0);
        retention.Start();
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await hooks.DisposeAsync().ConfigureAwait(false);
        await writer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ImportAsync(CancellationToken cancellation)
    {
        var (taken, left) = await new FileImport(store).RunAsync(Path.Combine(Path.GetFullPath(options.Value.Data), "calls"), cancellation)
            .ConfigureAwait(false);
        if (taken + left > 0)
        {
            Log.RecordsImported(logger, taken, left);
        }
    }
}
