using System.CommandLine;
using Bridge.Calls;
using Bridge.Realtime.Rehearsal;
using Bridge.Roles;

namespace Bridge.Cli;

/// <summary><c>rehearsal</c>: the rehearsal model alone, as a local Realtime server that other clients can test against.</summary>
internal static class RehearsalCommand
{
    private const int LargestFaults = 16 * 1024;

    private static readonly Option<int> Port = new("--port") { Description = "TCP port on localhost.", DefaultValueFactory = _ => 5090 };
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

    public static Command Build()
    {
        var command = new Command("rehearsal", "Runs the rehearsal model alone: a strict local Realtime server.") { Port, Roles, Script, Voice };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(Port), parsed.GetValue(Roles)!, parsed.GetValue(Script)!, parsed.GetValue(Voice)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(int port, string roles, string script, string voice, CancellationToken cancellation)
    {
        if (!Directory.Exists(roles))
        {
            await Console.Error.WriteLineAsync($"--roles: there is no folder '{Path.GetFullPath(roles)}'.").ConfigureAwait(false);
            return 2;
        }

        using var catalog = new RoleCatalog(roles, TimeProvider.System);
        if (catalog.Current.Find(script) is not { } role)
        {
            await Console.Error.WriteLineAsync($"--script: there is no role '{script}' in '{Path.GetFullPath(roles)}'.").ConfigureAwait(false);
            return 2;
        }

        catalog.Watch();
        var server = new RehearsalServer(RehearsalVoices.Options(catalog, voice, TimeProvider.System, role.Rehearsal));
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        Map(app, server);
        await app.StartAsync(cancellation).ConfigureAwait(false);
        Console.WriteLine($"The rehearsal model is listening on http://localhost:{port}/v1 (OPENAI_BASE_URL); any key is taken.");
        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        return 0;
    }

    private static void Map(WebApplication app, RehearsalServer server)
    {
        app.UseWebSockets();
        app.Map("/v1/realtime", async (HttpContext context) =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
                return;
            }

            var model = context.Request.Query["model"].ToString();
            var protocol = context.WebSockets.WebSocketRequestedProtocols.Contains("realtime") ? "realtime" : null;
            using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol).ConfigureAwait(false);
            await server.RunAsync(socket, model, app.Lifetime.ApplicationStopping).ConfigureAwait(false);
        });
        app.MapGet("/faults", () => Results.Text(server.Faults.ToJson(), "application/json"));
        app.MapPut("/faults", async (HttpRequest request, CancellationToken cancellation) =>
        {
            var buffer = new byte[LargestFaults];
            var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            if (!RehearsalFaults.TryParse(buffer.AsSpan(0, length), out var faults, out var refusal))
            {
                return Results.Text(refusal, statusCode: StatusCodes.Status400BadRequest);
            }

            server.Faults = faults;
            return Results.Text(faults.ToJson(), "application/json");
        });
    }
}
