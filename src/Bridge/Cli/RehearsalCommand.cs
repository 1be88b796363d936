using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bridge.Rehearsal;
using Bridge.RehearsalHosting;
using Bridge.Roles;

namespace Bridge.Cli;

/// <summary><c>rehearsal</c>: the rehearsal model alone, as a local Realtime server that other clients can test against.</summary>
internal static class RehearsalCommand
{
    private const int DefaultPort = 5090;
    private const int LargestFaults = 16 * 1024;

    // OpenAI's path, and Azure's two.
    private static readonly string[] Paths = ["/v1/realtime", "/openai/v1/realtime", "/openai/realtime"];

    private static readonly Option<int?> Port = BridgeCommand.PortOption("--port", $"TCP port on localhost (default {DefaultPort}).");
    private static readonly Option<string> Roles = new("--roles")
    {
        Description = "Folder of role folders; model rehearsal/SLUG plays a role's script.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "roles",
    };

    private static readonly Option<string> Script = new("--script")
    {
        Description = "Role whose script plays for every other model name.",
        HelpName = "SLUG",
        DefaultValueFactory = _ => "demo",
    };

    private static readonly Option<string> Voice = new("--voice")
    {
        Description = "auto (espeak-ng when installed) or synthetic.",
        DefaultValueFactory = _ => "auto",
    };

    private static readonly Option<string?> As = new("--as")
    {
        Description = $"Plays another server, as strictly as its source: {string.Join(", ", RehearsalServer.Guises)} (docs/models.md).",
        HelpName = "SERVER",
    };

    private static readonly Option<bool> Tls = new("--tls")
    {
        Description =
            "Serve https/wss with a certificate made at start, for clients that take nothing else (tell them to trust it or to check "
                + "nothing).",
    };

    public static Command Build()
    {
        var command = new Command("rehearsal", "Runs the rehearsal model alone: a strict local Realtime server.")
        {
            Port, Roles, Script, Voice, As, Tls,
        };
        As.AcceptOnlyFromAmong([.. RehearsalServer.Guises]);
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(Port) ?? DefaultPort, parsed.GetValue(Roles)!, parsed.GetValue(Script)!, parsed.GetValue(Voice)!,
            parsed.GetValue(As), parsed.GetValue(Tls), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(int port, string roles, string script, string voice, string? plays, bool tls,
        CancellationToken cancellation)
    {
        if (!Directory.Exists(roles))
        {
            await Console.Error.WriteLineAsync($"--roles: there is no folder '{Path.GetFullPath(roles)}'.").ConfigureAwait(false);
            return 2;
        }

        using var catalog = new RoleCatalog(roles, TimeProvider.System);
        if (catalog.Current.Find(script) is not { } role)
        {
            await Console.Error.WriteLineAsync($"--script: there is no role '{script}' in '{Path.GetFullPath(roles)}'.")
                .ConfigureAwait(false);
            return 2;
        }

        catalog.Watch();
        var server = new RehearsalServer(RehearsalVoices.Options(catalog, voice, TimeProvider.System, role.Rehearsal) with { As = plays });
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, listen =>
        {
            if (tls)
            {
                listen.UseHttps(SelfSigned());
            }
        }));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        Map(app, server);
        await app.StartAsync(cancellation).ConfigureAwait(false);
        Console.WriteLine(
            $"The rehearsal model is listening on {(tls ? "https" : "http")}://localhost:{port}/v1 (OPENAI_BASE_URL); any key is taken.");
        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        return 0;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }

    private static void Map(WebApplication app, RehearsalServer server)
    {
        app.UseWebSockets();
        foreach (var path in Paths)
        {
            app.MapRehearsal(path, server, RehearsalEndpoint.BringsKey, app.Lifetime.ApplicationStopping);
        }

        app.MapGet("/faults", () => Results.Text(server.Faults.ToJson(), "application/json"));
        app.MapPut("/faults", async (HttpRequest request, CancellationToken cancellation) =>
        {
            var buffer = new byte[LargestFaults];
            var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)
                .ConfigureAwait(false);
            if (!RehearsalFaults.TryParse(buffer.AsSpan(0, length), out var faults, out var refusal))
            {
                return Results.Text(refusal, statusCode: StatusCodes.Status400BadRequest);
            }

            server.Faults = faults;
            return Results.Text(faults.ToJson(), "application/json");
        });
    }
}
