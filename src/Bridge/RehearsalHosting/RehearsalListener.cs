using System.Net;
using Bridge.Rehearsal;

namespace Bridge.RehearsalHosting;

/// <summary>
/// A web server of the rehearsal model's own, on a free loopback port: neither the application around the host nor a proxy, a sign-in or a
/// certificate stands between a call and its model.
/// </summary>
internal sealed class RehearsalListener : IDisposable
{
    private readonly WebApplication _web;

    private RehearsalListener(WebApplication web) => _web = web;

    /// <summary>Base address, for instance <c>http://127.0.0.1:40123</c>.</summary>
    public Uri Address => new(_web.Urls.First());

    /// <summary>Starts to listen.</summary>
    /// <param name="server">Who answers.</param>
    /// <param name="path">Path of the endpoint.</param>
    /// <param name="admits">Whether the request may in.</param>
    /// <param name="logs">Where the web server logs to.</param>
    /// <param name="stopping">Fires when the sessions are to end.</param>
    /// <param name="cancellation">Gives the start up.</param>
    public static async Task<RehearsalListener> StartAsync(
        RehearsalServer server, string path, Func<HttpContext, bool> admits, ILoggerFactory logs, CancellationToken stopping,
        CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore().AddSingleton<IHostLifetime, NoSignals>();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new Forwarding(logs));
        var web = builder.Build();
        web.UseWebSockets();
        web.MapRehearsal(path, server, admits, stopping);
        await web.StartAsync(cancellation).ConfigureAwait(false);
        return new RehearsalListener(web);
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)_web).Dispose();

    /// <summary>What goes wrong is told where the host tells it; where this server listens is nobody's business.</summary>
    private sealed class Forwarding(ILoggerFactory logs) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logs.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }

    /// <summary>The signals of the process are its host's business.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
