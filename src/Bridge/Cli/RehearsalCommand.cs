using System.CommandLine;
using System.Net;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Hosting;
using Bridge.RehearsalHosting;
using Bridge.Roles;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bridge.Cli;

/// <summary><c>rehearsal</c>: the rehearsal model alone, as a local Realtime server that other clients can test against.</summary>
internal static class RehearsalCommand
{
    private const string Summary = "Runs the rehearsal model alone: a strict local Realtime and Live server.";
    private const int DefaultPort = 5090;
    private const int LargestFaults = 16 * 1024;

    private const string DefaultRoles = "roles";

    /// <summary>Of the certificate, which is made anew at each start.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(30);

    /// <summary>Plays where there are no roles.</summary>
    private static readonly RehearsalScript Stock = new()
    {
        Greeting = "Hello, this is the rehearsal model.",
        Hears = ["Hello there.", "What can you do?"],
        Rules = [new RehearsalRule { When = ["hello", "hi"], Say = "Hello to you." }],
        Otherwise = "I heard you, and I answer by a script.",
    };

    private static readonly Option<int?> Port = PortOption.Create(
        "--port", $"TCP port on localhost (default {DefaultPort}; 0 picks a free one).");
    private static readonly Option<string?> Roles = new("--roles")
    {
        Description = $"Folder of role folders; model rehearsal/SLUG plays a role's script (default {DefaultRoles}; without that folder a "
            + "stock script plays).",
        HelpName = "DIR",
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

    /// <summary>The subcommand of the host.</summary>
    public static Command Build() => Fill(new Command("rehearsal", Summary));

    /// <summary>The same as a program of its own.</summary>
    public static RootCommand BuildRoot() => Fill(new RootCommand(Summary));

    private static T Fill<T>(T command)
        where T : Command
    {
        foreach (var option in new Option[] { Port, Roles, Script, Voice, As, Tls })
        {
            command.Options.Add(option);
        }

        As.AcceptOnlyFromAmong([.. RehearsalServer.Guises]);
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(Port) ?? DefaultPort, parsed.GetValue(Roles), parsed.GetValue(Script)!, parsed.GetValue(Voice)!,
            parsed.GetValue(As), parsed.GetValue(Tls), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(int port, string? roles, string script, string voice, string? plays, bool tls,
        CancellationToken cancellation)
    {
        if (roles is null && !Directory.Exists(DefaultRoles))
        {
            return await ServeAsync(
                port, new RehearsalOptions { Scripts = _ => Stock, Voice = RehearsalVoices.Voice(voice), As = plays }, tls, cancellation)
                .ConfigureAwait(false);
        }

        roles ??= DefaultRoles;
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
        var options = RehearsalVoices.Options(catalog, voice, TimeProvider.System, role.Rehearsal) with { As = plays };
        return await ServeAsync(port, options, tls, cancellation).ConfigureAwait(false);
    }

    private static async Task<int> ServeAsync(int port, RehearsalOptions options, bool tls, CancellationToken cancellation)
    {
        var server = new RehearsalServer(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (port == 0)
            {
                // A free port can be had of one address alone.
                kestrel.Listen(IPAddress.Loopback, 0, Secure);
            }
            else
            {
                kestrel.ListenLocalhost(port, Secure);
            }
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        Map(app, server);
        await app.StartAsync(cancellation).ConfigureAwait(false);
        var address = $"{(tls ? "https" : "http")}://localhost:{new Uri(app.Urls.First()).Port}/v1";
        Console.WriteLine($"The rehearsal model is listening on {address} (OPENAI_BASE_URL); any key is taken.");
        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        return 0;

        void Secure(ListenOptions listen)
        {
            if (tls)
            {
                listen.UseHttps(
                    SelfSignedCertificate.Make("localhost", ["localhost"], [IPAddress.Loopback], DateTimeOffset.UtcNow, Life));
            }
        }
    }

    private static void Map(WebApplication app, RehearsalServer server)
    {
        app.UseWebSockets();
        foreach (var path in RehearsalListener.Paths)
        {
            app.MapRehearsal(path, server, stopping: app.Lifetime.ApplicationStopping);
        }

        foreach (var path in RehearsalListener.LivePaths)
        {
            app.MapRehearsalLive(path, server, stopping: app.Lifetime.ApplicationStopping);
        }

        foreach (var path in RehearsalListener.TextPaths)
        {
            app.MapRehearsalText(path, server);
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
