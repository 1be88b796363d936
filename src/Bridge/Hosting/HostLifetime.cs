using Bridge.Audio;
using Bridge.Calls;
using Bridge.Metrics;
using Bridge.Roles;
using Bridge.Transport;

namespace Bridge.Hosting;

/// <summary>What starts with the host, and the order in which it ends: calls first, then their transport.</summary>
internal sealed class HostLifetime(CallRegistry calls, RoleCatalog roles, MediaEndpoint media, BridgeMetrics metrics, PacketClock clock, ILogger<HostLifetime> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        roles.Changed += Report;
        Report(roles.Current);
        roles.Watch();
        metrics.Watch("bridge.calls", "{call}", "Calls that are alive.", () => calls.Calls.Count());
        metrics.Watch("bridge.peers", "{peer}", "WebRTC peers that are alive.", () => media.PeerCount);
        metrics.Watch("bridge.media.unclaimed", "{datagram}", "Datagrams that belong to no peer.", () => media.UnclaimedDatagrams);
        metrics.Watch("bridge.media.send_failures", "{datagram}", "Datagrams the system would not send.", () => media.SendFailures);
        metrics.Watch("bridge.clock.subscribers", "{call}", "Calls paced by the packet clock.", () => clock.Stats.Subscribers);
        Log.MediaListening(logger, media.Port, media.Candidates.Count);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        roles.Changed -= Report;
        await calls.DrainAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Report(RoleSnapshot snapshot)
    {
        foreach (var entry in snapshot.Entries)
        {
            foreach (var error in entry.Errors)
            {
                Log.RoleRejected(logger, error.ToString());
            }
        }
    }
}
