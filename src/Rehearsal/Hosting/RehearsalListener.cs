using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bridge.Rehearsal.Hosting;

/// <summary>
/// A rehearsal server with a web server of its own, on a free loopback port. Nothing of an application around it, such as a sign-in, a
/// proxy or a certificate, stands between a client and the model.
/// </summary>
public sealed class RehearsalListener : IAsyncDisposable, IDisposable
{
    private readonly WebApplication _web;
    private readonly CancellationTokenSource? _stopping;

    private RehearsalListener(WebApplication web, RehearsalServer server, CancellationTokenSource? stopping) =>
        (_web, Server, _stopping) = (web, server, stopping);

    /// <summary>The paths at which OpenAI and Azure serve the Realtime protocol.</summary>
    public static IReadOnlyList<string> Paths { get; } = ["/v1/realtime", "/openai/v1/realtime", "/openai/realtime"];

    /// <summary>The paths at which OpenAI and Azure serve the Live protocol.</summary>
    public static IReadOnlyList<string> LivePaths { get; } = ["/v1/live/sessions", "/openai/v1/live/sessions", "/openai/v1/live"];

    /// <summary>The base paths of the text interfaces: Chat Completions and Responses are in them.</summary>
    public static IReadOnlyList<string> TextPaths { get; } = ["/v1", "/openai/v1"];

    /// <summary>The server, for faults and figures.</summary>
    public RehearsalServer Server { get; }

    /// <summary>Base address, for instance <c>http://127.0.0.1:40123</c>.</summary>
    public Uri Address => new(_web.Urls.First());

    /// <summary>The base URL that a client of the Realtime API takes, for instance <c>http://127.0.0.1:40123/v1</c>.</summary>
    public Uri Endpoint => new(Address, "/v1");

    /// <summary>
    /// Starts to listen at <see cref="Paths"/>, <see cref="LivePaths"/> and in <see cref="TextPaths"/>; a client brings any key.
    /// </summary>
    /// <param name="options">Scripts, voice, faults.</param>
    /// <param name="cancellation">Gives the start up.</param>
    public static Task<RehearsalListener> StartAsync(RehearsalOptions options, CancellationToken cancellation = default)
    {
        var stopping = new CancellationTokenSource();
        return ServeAsync(
            new RehearsalServer(options), Paths, LivePaths, TextPaths, RehearsalEndpoint.BringsKey, NullLoggerFactory.Instance, stopping,
            stopping.Token, cancellation);
    }

    /// <summary>Starts to listen for a host that ends the sessions itself.</summary>
    /// <param name="server">The server that answers.</param>
    /// <param name="basePath">Path in the place of <c>/v1</c>; all interfaces are in it.</param>
    /// <param name="admits">Whether the request may in.</param>
    /// <param name="logs">Where the web server logs to.</param>
    /// <param name="stopping">Fires when the sessions are to end.</param>
    /// <param name="cancellation">Gives the start up.</param>
    public static Task<RehearsalListener> ServeAsync(
        RehearsalServer server, string basePath, Func<HttpContext, bool> admits, ILoggerFactory logs, CancellationToken stopping,
        CancellationToken cancellation) => ServeAsync(
            server, [basePath + "/realtime"], [basePath + "/live/sessions"], [basePath], admits, logs, own: null, stopping, cancellation);

    /// <summary>Stops to listen. After <see cref="StartAsync"/> its sessions get a close frame (1001).</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping is not null)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
        }

        await _web.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        _stopping?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping?.Cancel();
        ((IDisposable)_web).Dispose();
        _stopping?.Dispose();
    }

    private static async Task<RehearsalListener> ServeAsync(
        RehearsalServer server, IReadOnlyList<string> paths, IReadOnlyList<string> livePaths, IReadOnlyList<string> textPaths,
        Func<HttpContext, bool> admits, ILoggerFactory logs, CancellationTokenSource? own, CancellationToken stopping,
        CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore().AddSingleton<IHostLifetime, NoSignals>();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new Forwarding(logs));
        var web = builder.Build();
        web.UseWebSockets();
        foreach (var path in paths)
        {
            web.MapRehearsal(path, server, admits, stopping);
        }

        foreach (var path in livePaths)
        {
            web.MapRehearsalLive(path, server, admits, stopping);
        }

        foreach (var path in textPaths)
        {
            web.MapRehearsalText(path, server, admits);
        }

        await web.StartAsync(cancellation).ConfigureAwait(false);
        return new RehearsalListener(web, server, own);
    }

    /// <summary>Errors go to the host's log; the address of this server is not logged.</summary>
    private sealed class Forwarding(ILoggerFactory logs) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logs.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }

    /// <summary>The signals of the process are left to its host.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
