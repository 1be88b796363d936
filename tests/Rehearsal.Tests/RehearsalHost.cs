using System.Collections.Concurrent;
using System.Net;
using Bridge.Rehearsal.Hosting;
using Bridge.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bridge.Rehearsal.Tests;

/// <summary>A real Kestrel on a free port, with the rehearsal server behind a real WebSocket.</summary>
internal sealed class RehearsalHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RehearsalHost(WebApplication app, RehearsalServer server)
    {
        _app = app;
        Server = server;
    }

    public RehearsalServer Server { get; }

    public required string Address { get; init; }

    public required string SecureAddress { get; init; }

    /// <summary>Every session that ever ran here.</summary>
    public required IReadOnlyCollection<Task> Runs { get; init; }

    /// <summary>A host cancels it when it stops.</summary>
    public required CancellationTokenSource Shutdown { get; init; }

    public Uri Endpoint => new($"{Address}/rehearsal/v1");

    public static async Task<RehearsalHost> StartAsync(
        RehearsalScript? script = null, RehearsalFaults? faults = null, SpeechVoice? voice = null, TimeSpan? sendTimeout = null,
            string? plays = null)
    {
        var server = new RehearsalServer(new RehearsalOptions
        {
            Scripts = model => model == "rehearsal/test" ? script ?? Scripts.Demo : null,
            Voice = voice ?? SyntheticVoice.SpeakAsync,
            Faults = faults ?? RehearsalFaults.None,
            As = plays,
            SendTimeout = sendTimeout ?? TimeSpan.FromSeconds(30),
        });
        var shutdown = new CancellationTokenSource();
        var runs = new ConcurrentBag<Task>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);

            // The openai package from npm speaks wss only.
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(
                SelfSignedCertificate.Make("127.0.0.1", [], [IPAddress.Loopback], DateTimeOffset.UtcNow, TimeSpan.FromDays(1))));
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/rehearsal/v1/realtime", async (HttpContext context) =>
        {
            var protocol = context.WebSockets.WebSocketRequestedProtocols.Contains("realtime") ? "realtime" : null;
            using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);

            // Listed before it runs: its client reads the first event while RunAsync has not given its task yet.
            var begin = new TaskCompletionSource();
            var run = RunAsync();
            runs.Add(run);
            begin.SetResult();
            await run;

            async Task RunAsync()
            {
                await begin.Task;
                await server.RunAsync(socket, context.Request.Query["model"].ToString(), shutdown.Token);
            }
        });
        app.MapRehearsalLive("/rehearsal/v1/live/sessions", server, stopping: shutdown.Token);
        app.MapRehearsalText("/rehearsal/v1", server);
        await app.StartAsync();
        return new RehearsalHost(app, server)
        {
            Address = app.Urls.First(u => u.StartsWith("http:", StringComparison.Ordinal)),
            SecureAddress = app.Urls.First(u => u.StartsWith("https:", StringComparison.Ordinal)),
            Runs = runs,
            Shutdown = shutdown,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Shutdown.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Shutdown.Dispose();
    }
}
