using Bridge.Configuration;
using Bridge.Metrics;
using Bridge.Records;
using Bridge.Timing;
using Bridge.Tools;
using Microsoft.Extensions.Options;

namespace Bridge.WebHooks;

/// <summary>
/// Delivers the events of this host to their receivers, from its start to its stop. Events that are left then are sent by the next host.
/// </summary>
internal sealed class WebHookSender(
    RecordDesk desk, IOutbox outbox, ToolServices tools, HostClock clock, BridgeMetrics metrics, IOptions<BridgeOptions> options,
    ILogger<WebHookSender> logger)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyList<WebHookReceiver> _receivers = [];
    private Task _running = Task.CompletedTask;

    /// <summary>Begins to deliver; the store is open.</summary>
    /// <exception cref="IOException">The store is away.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await outbox.PruneAsync(clock.UtcNow - WebHookSchedule.Span, cancellation).ConfigureAwait(false);
        _receivers =
        [
            .. options.Value.WebHooks.Select(hook => new WebHookReceiver(
                hook, hook.AllowPrivate ? tools.AnyClient : tools.PublicClient, desk, outbox, clock,
                new WebHookHealth(new Uri(hook.Url).IdnHost, metrics, logger))),
        ];
        if (_receivers.Count == 0)
        {
            return;
        }

        metrics.Watch("bridge.webhooks.waiting", "{event}", "Events that wait to be delivered.", () => _receivers.Sum(r => r.Waiting));
        metrics.Watch("bridge.webhooks.dead", "{event}", "Events that are not tried any more.", () => _receivers.Sum(r => r.Dead));
        outbox.Added += Wake;
        _running = Task.WhenAll(_receivers.Select(RunAsync));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        outbox.Added -= Wake;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private void Wake()
    {
        foreach (var receiver in _receivers)
        {
            receiver.Wake();
        }
    }

    private async Task RunAsync(WebHookReceiver receiver)
    {
        try
        {
            await receiver.RunAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (Exception defect)
        {
            clock.Guard.Failed("web hooks", defect);
        }
    }
}
