using System.Net;
using Bridge.Audio;
using Bridge.Calls;
using Bridge.Lab;
using Bridge.Metrics;
using Bridge.Native;
using Bridge.Roles;
using Bridge.Signaling;
using Bridge.Store;
using Bridge.Tools;
using Bridge.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace Bridge.Hosting;

/// <summary>The composition root: one process, one HTTP port, one UDP port.</summary>
public static class BridgeHost
{
    /// <summary>Builds, starts and runs the host until it is told to stop.</summary>
    /// <param name="switches">Configuration keys that win over files and environment.</param>
    /// <param name="cancellation">Stops the host.</param>
    /// <returns>Exit code: 0 stopped in order, 2 wrong configuration, 3 native library missing.</returns>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> switches, CancellationToken cancellation)
    {
        try
        {
            // Before anything listens: a missing library should be told now, not in the middle of the first call.
            NativeLibraryLocator.RequireOpenSsl();
            NativeLibraryLocator.RequireOpus();
            await using var app = Build(switches);
            await app.StartAsync(cancellation).ConfigureAwait(false);
            Announce(app);
            await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
            return 0;
        }
        catch (Exception failure) when (Explain(failure) is { } explained)
        {
            await Console.Error.WriteLineAsync(explained.Sentence).ConfigureAwait(false);
            return explained.ExitCode;
        }
    }

    /// <summary>Composes the host; tests start it on free ports of their own.</summary>
    public static WebApplication Build(IReadOnlyDictionary<string, string?> switches)
    {
        ArgumentNullException.ThrowIfNull(switches);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = ContentRoot() });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.AddInMemoryCollection(FromEnvironment());
        builder.Configuration.AddInMemoryCollection(switches);
        builder.Services.Configure<ToolOptions>(builder.Configuration.GetSection(ToolOptions.Section));
        builder.Services.Configure<BridgeOptions>(builder.Configuration.GetSection(BridgeOptions.Section));
        var options = builder.Configuration.GetSection(BridgeOptions.Section).Get<BridgeOptions>() ?? new BridgeOptions();
        Require(options);

        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        }

        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);

        // A failed start is explained in one sentence; its stack trace helps nobody at the console.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        AddRooms(builder.Services, options);
        var app = builder.Build();
        MapRooms(app);
        return app;
    }

    private static void AddRooms(IServiceCollection services, BridgeOptions options)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(s => new RoleCatalog(s.GetRequiredService<IOptions<BridgeOptions>>().Value.Roles, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<MediaEndpoint>();
        services.AddSingleton<MediaPeerFactory>(s => s.GetRequiredService<MediaEndpoint>().CreatePeer);
        services.AddSingleton(new PacketClock());
        services.AddSingleton<RehearsalHost>();
        services.AddSingleton<ModelDirectory>();
        services.AddSingleton<BridgeMetrics>();
        services.AddSingleton<ToolServices>();
        services.AddSingleton<CallStore>();
        services.AddSingleton<CallServices>();
        services.AddSingleton<CallRegistry>();
        services.AddSingleton<ICallGateway>(s => s.GetRequiredService<CallRegistry>());
        services.AddSingleton<LabEndpoints>();
        services.AddHostedService<HostLifetime>();
        services.AddHostedService<HostWarmUp>();
        services.AddSingleton<EmbeddingOrigins>();
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.AllowAnyHeader().AllowAnyMethod().AllowCredentials()
            .WithOrigins([.. options.Origins])));
        services.AddOpenApi();
        services.AddSignalR(hub =>
        {
            hub.MaximumReceiveMessageSize = 128 * 1024;
            hub.EnableDetailedErrors = false;
        });
    }

    private static void MapRooms(WebApplication app)
    {
        app.UseWebSockets();
        app.Use(SecurityHeaders.Apply);
        app.Use(app.Services.GetRequiredService<EmbeddingOrigins>().Check);
        app.UseCors();
        var web = Path.Combine(app.Environment.ContentRootPath, "wwwroot");
        if (Directory.Exists(web))
        {
            app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(web), OnPrepareResponse = EmbeddingOrigins.Publish });
        }

        app.MapHub<SignalHub>("/signal");
        app.MapBridgeApi();
        app.MapPages(web);
        app.Services.GetRequiredService<RehearsalHost>().Map(app);
        if (app.Services.GetRequiredService<IOptions<BridgeOptions>>().Value.Lab)
        {
            app.Services.GetRequiredService<LabEndpoints>().Map(app);
        }

        app.MapOpenApi();
    }

    private static void Listen(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions kestrel, BridgeOptions options)
    {
        if (options.Host == "*")
        {
            kestrel.ListenAnyIP(options.Port);
        }
        else if (options.Host == "localhost" && options.Port != 0)
        {
            kestrel.ListenLocalhost(options.Port);
        }
        else if (options.Host == "localhost")
        {
            // ListenLocalhost can't pick one free port for both families.
            kestrel.Listen(IPAddress.Loopback, 0);
        }
        else if (IPAddress.TryParse(options.Host, out var address))
        {
            kestrel.Listen(address, options.Port);
        }
        else
        {
            throw new HostStartException($"--host: '{options.Host}' is neither an IP address, 'localhost' nor '*'.");
        }
    }

    private static void Require(BridgeOptions options)
    {
        var verdict = new BridgeOptionsValidator().Validate(options);
        if (!verdict.IsValid)
        {
            throw new HostStartException(string.Join(Environment.NewLine, verdict.Errors.Select(e => e.ErrorMessage)));
        }
    }

    private static Dictionary<string, string?> FromEnvironment()
    {
        var keys = new Dictionary<string, string?>();
        Take("OPENAI_API_KEY", nameof(OpenAiOptions.ApiKey));
        Take("OPENAI_BASE_URL", nameof(OpenAiOptions.BaseUrl));
        return keys;

        void Take(string variable, string property)
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
            {
                keys[$"{BridgeOptions.Section}:{nameof(BridgeOptions.OpenAi)}:{property}"] = value;
            }
        }
    }

    /// <summary>The folder that holds wwwroot: the working folder, one above it, or one above the program.</summary>
    private static string ContentRoot()
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (Directory.Exists(Path.Combine(folder.FullName, "wwwroot")))
                {
                    return folder.FullName;
                }
            }
        }

        return Directory.GetCurrentDirectory();
    }

    private static void Announce(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var shown = addresses.FirstOrDefault() ?? "";
        var options = app.Services.GetRequiredService<IOptions<BridgeOptions>>().Value;
        if (options.Host == "localhost" && Uri.TryCreate(shown, UriKind.Absolute, out var uri))
        {
            shown = $"{uri.Scheme}://localhost:{uri.Port}";
        }

        var model = app.Services.GetRequiredService<ModelDirectory>().Describe();
        var media = app.Services.GetRequiredService<MediaEndpoint>();
        Console.WriteLine($"Bridge is listening on {shown}");
        Console.WriteLine($"Calls arrive on UDP port {media.Port}; the {(model.Kind == "rehearsal" ? "embedded rehearsal model answers (no OPENAI_API_KEY)" : $"model is {model.Name} at {options.OpenAi.BaseUrl}")}.");
    }

    private static (string Sentence, int ExitCode)? Explain(Exception failure) => failure switch
    {
        HostStartException start => (start.Message, start.ExitCode),
        NativeLibraryMissingException missing => (missing.Message, 3),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            ("The HTTP port is in use. Another Bridge may be running; choose one with --port.", 2),
        { InnerException: { } inner } => Explain(inner),
        _ => null,
    };
}
