using Bridge.Audio.Playout;
using Bridge.Calls;
using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Metrics;
using Bridge.Models;
using Bridge.Money;
using Bridge.RehearsalHosting;
using Bridge.Roles;
using Bridge.Tools;
using Bridge.Transport;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>The services that start with the host, and the order in which it ends: calls first, then their transport.</summary>
internal sealed class HostLifetime(
    CallRegistry calls, MemoryBudget memory, RoleCatalog roles, MediaEndpoint media, BridgeMetrics metrics, PacketClock clock,
    RehearsalHost rehearsal, ToolServices tools, DayBook days, ModelDirectory models, IOptions<BridgeOptions> options, BridgeMount mount,
    IOptions<HostOptions> application, ILogger<HostLifetime> logger)
    : IHostedLifecycleService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (models.IsRehearsal)
        {
            await rehearsal.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        // Before the first call: sums of this day that can't be read must not count as nothing.
        days.Load();
        roles.Changed += Report;
        roles.Failed += defect => Log.RoleWatchFailed(logger, defect);
        Report(roles.Current);
        roles.Watch();
        metrics.Watch("bridge.calls", "{call}", "Calls that are alive.", () => calls.Calls.Count());
        metrics.Watch("bridge.memory.held", "By", "What calls hold of what came from outside, all together.", () => memory.Held);
        metrics.Watch("bridge.memory.max", "By", "What they may hold (Bridge:MaxMemory).", () => memory.Max);
        metrics.Watch("bridge.peers", "{peer}", "WebRTC peers that are alive.", () => media.PeerCount);
        metrics.WatchKinds("bridge.media.unclaimed", "{datagram}", "Datagrams that belong to no peer, by what they claim to be.", () => media.Unclaimed.ByKind);
        metrics.WatchKinds("bridge.media.rejected", "{item}", "What peers dropped or refused, by kind: malformed, forged, replayed, too much.", () => media.Rejected.ByKind);
        metrics.Watch("bridge.media.send_failures", "{datagram}", "Datagrams the system would not send.", () => media.SendFailures);
        metrics.Watch("bridge.media.tcp", "{connection}", "Open ICE-TCP connections.", () => media.TcpConnections);
        metrics.Watch("bridge.clock.subscribers", "{call}", "Calls paced by the packet clock.", () => clock.Stats.Subscribers);
        metrics.Watch("bridge.clock.realtime", "{thread}", "1 when the system runs the packet clock before every ordinary thread.", () => clock.Stats.IsRealTime ? 1 : 0);
        metrics.Watch("bridge.clock.lateness", "us", "Delay of the packet clock that 99 of 100 ticks did not exceed.", () => (long)clock.Stats.P99Lateness.TotalMicroseconds);
        metrics.Watch("bridge.rehearsal.voice_failures", "{line}", "Lines of the rehearsal model that its voice could not speak, and plain tones did.", () => rehearsal.Server.VoiceFailures);
        Log.MediaListening(logger, media.Port, media.Candidates.Count);
    }

    /// <summary>
    /// Before the web server stops: calls say goodbye while their sockets are still open. A host of its own has waited before
    /// (<see cref="DrainingLifetime"/>); an application waits here, and half of its time is for recaps and records.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        roles.Changed -= Report;
        var patience = mount.InApplication ? TimeSpan.FromSeconds(options.Value.DrainSeconds) : TimeSpan.Zero;
        var most = application.Value.ShutdownTimeout / 2;
        await calls.DrainAsync(patience < most ? patience : most, cancellationToken).ConfigureAwait(false);
        rehearsal.Stop();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Report(RoleSnapshot snapshot)
    {
        foreach (var error in snapshot.Errors)
        {
            Log.RoleRejected(logger, error.ToString());
        }

        foreach (var entry in snapshot.Entries)
        {
            foreach (var (tool, secret) in entry.Role is { } role ? SecretText.Unbound(role, tools) : [])
            {
                Log.SecretUnbound(logger, entry.Slug, tool, secret);
            }

            if (entry.Role is { } priced && options.Value.Budgets.HasDollars && models.Unpriced(priced) is { } model)
            {
                Log.RoleUnpriced(logger, entry.Slug, model);
            }

            foreach (var error in entry.Errors)
            {
                Log.RoleRejected(logger, error.ToString());
            }
        }
    }
}
