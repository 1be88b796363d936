using Bridge.Configuration;
using Bridge.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Bridge.WarmUp;

/// <summary>
/// Goes the ways of a first call once while the host starts: the media path against itself, and one
/// request to its own health page, which makes the web server build its routes.
/// </summary>
internal sealed class HostWarmUp(MediaEndpoint media, IServer server, BridgeMount mount, ILogger<HostWarmUp> logger)
    : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private Task _media = Task.CompletedTask;
    private Task _web = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: the pool is busy with the start of everything else.
        _media = Task.Factory.StartNew(WarmMedia, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The host says that it listens after this: it waits for the warm-ups, but not long.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        _web = Task.Run(() => WarmWebAsync(_stopping.Token), cancellationToken);
        await Task.WhenAny(Task.WhenAll(_media, _web), Task.Delay(LongestDelay, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Before anything that a warm-up uses goes away.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_media, _web).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private void WarmMedia()
    {
        if (!MediaWarmUp.Run(media, _stopping.Token))
        {
            Log.NotWarm(logger, "media");
        }
    }

    private async Task WarmWebAsync(CancellationToken cancellation)
    {
        // Inside an application the first request would be one to its code.
        if (mount.InApplication || OwnAddress() is not { } address)
        {
            return;
        }

        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
            using var answer = await http.GetAsync(new Uri(address, "/healthz/live"), cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            Log.NotWarm(logger, "web");
        }
    }

    /// <summary>Where the web server takes plain HTTP from this machine; null when it takes none.</summary>
    private Uri? OwnAddress()
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            var reachable = address.Replace("[::]", "localhost", StringComparison.Ordinal)
                .Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("*", "localhost", StringComparison.Ordinal)
                    .Replace("+", "localhost", StringComparison.Ordinal);
            if (Uri.TryCreate(reachable, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp)
            {
                return uri;
            }
        }

        return null;
    }
}
