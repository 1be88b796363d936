using Bridge.Calls;
using Bridge.Roles;
using Bridge.Transport;

namespace Bridge.Hosting;

/// <summary>What starts with the host, and the order in which it ends: calls first, then their transport.</summary>
internal sealed class HostLifetime(CallRegistry calls, RoleCatalog roles, MediaEndpoint media, ILogger<HostLifetime> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        roles.Changed += Report;
        Report(roles.Current);
        roles.Watch();
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
