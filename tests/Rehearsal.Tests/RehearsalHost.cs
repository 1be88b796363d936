using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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

    /// <summary>What a host cancels when it stops.</summary>
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
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate()));
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/rehearsal/v1/realtime", async (HttpContext context) =>
        {
            var protocol = context.WebSockets.WebSocketRequestedProtocols.Contains("realtime") ? "realtime" : null;
            using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
            var run = server.RunAsync(socket, context.Request.Query["model"].ToString(), shutdown.Token);
            runs.Add(run);
            await run;
        });
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

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
