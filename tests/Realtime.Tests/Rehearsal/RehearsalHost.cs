using System.Collections.Concurrent;
using Bridge.Realtime.Rehearsal;
using Bridge.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bridge.Realtime.Tests.Rehearsal;

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

    public string Address { get; private set; } = "";

    /// <summary>Every session that ever ran here.</summary>
    public required IReadOnlyCollection<Task> Runs { get; init; }

    public Uri Endpoint => new($"{Address}/rehearsal/v1");

    public static async Task<RehearsalHost> StartAsync(
        RehearsalScript? script = null, RehearsalFaults? faults = null, SpeechVoice? voice = null)
    {
        var server = new RehearsalServer(new RehearsalOptions
        {
            Scripts = model => model == "rehearsal/test" ? script ?? Scripts.Demo : null,
            Voice = voice ?? SyntheticVoice.SpeakAsync,
            Faults = faults ?? RehearsalFaults.None,
        });
        var runs = new ConcurrentBag<Task>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/rehearsal/v1/realtime", async (HttpContext context) =>
        {
            var protocol = context.WebSockets.WebSocketRequestedProtocols.Contains("realtime") ? "realtime" : null;
            using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
            var run = server.RunAsync(socket, context.Request.Query["model"].ToString(), context.RequestAborted);
            runs.Add(run);
            await run;
        });
        await app.StartAsync();
        return new RehearsalHost(app, server) { Address = app.Urls.First(), Runs = runs };
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
