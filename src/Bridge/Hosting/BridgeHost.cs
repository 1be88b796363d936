using Bridge.Access;
using Bridge.Configuration;
using Bridge.Native;
using Bridge.Transport;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;

namespace Bridge.Hosting;

/// <summary>The composition root: one process, one HTTP port, one UDP port.</summary>
internal static class BridgeHost
{
    /// <summary>Builds, starts and runs the host until it is told to stop.</summary>
    /// <param name="switches">Configuration keys that win over files and environment.</param>
    /// <param name="cancellation">Stops the host.</param>
    /// <returns>Exit code: 0 stopped in order, 2 wrong configuration, 3 native library missing, 128 and the signal's number after a second signal.</returns>
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> switches, CancellationToken cancellation) =>
        RunAsync(switches, MediaEngine.Own, cancellation);

    /// <inheritdoc cref="RunAsync(IReadOnlyDictionary{string, string?}, CancellationToken)"/>
    /// <param name="switches">Configuration keys that win over files and environment.</param>
    /// <param name="engine">The media engine of this program.</param>
    /// <param name="cancellation">Stops the host.</param>
    public static async Task<int> RunAsync(
        IReadOnlyDictionary<string, string?> switches, MediaEngine engine, CancellationToken cancellation)
    {
        try
        {
            await using var app = Build(switches, engine);
            await app.StartAsync(cancellation).ConfigureAwait(false);
            HostAnnouncement.Write(app.Services);
            await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
            return (app.Services.GetRequiredService<IHostLifetime>() as DrainingLifetime)?.ExitCode ?? 0;
        }
        catch (Exception failure) when (Explain(failure) is { } explained)
        {
            await Console.Error.WriteLineAsync(explained.Sentence).ConfigureAwait(false);
            return explained.ExitCode;
        }
    }

    /// <summary>Composes the host; tests start it on free ports of their own.</summary>
    /// <param name="switches">Configuration keys that win over files and environment.</param>
    /// <param name="engine">The media engine of this program; null for the Bridge's own.</param>
    public static WebApplication Build(IReadOnlyDictionary<string, string?> switches, MediaEngine? engine = null)
    {
        ArgumentNullException.ThrowIfNull(switches);
        engine ??= MediaEngine.Own;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = HostEnvironment.ContentRoot() });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = HostEnvironment.LogDefaults });
        builder.Configuration.AddInMemoryCollection(HostEnvironment.Keys());
        builder.Configuration.AddInMemoryCollection(switches);
        var https = LocalHttps.Prepare(builder.Configuration, LocalAddresses.Find(includeLoopback: false));
        var options = builder.Configuration.ReadBridgeOptions();
        engine.Check(options.Engine);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.ConfigureKestrel(kestrel => HttpBinding.Listen(kestrel, options, https));
        }

        if (https is not null)
        {
            // By a factory, so that it is released with the host.
            builder.Services.AddSingleton(_ => https);
        }

        // Under systemd (Type=notify) it is told when the host is up and when it stops; elsewhere this does nothing.
        builder.Services.AddSystemd();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        if (builder.Configuration["Logging:Console:FormatterName"] is { Length: > 0 } formatter)
        {
            // The builder names the simple one whatever the configuration says.
            builder.Services.PostConfigure<ConsoleLoggerOptions>(console => console.FormatterName = formatter);
        }

        // A refused hub request is no defect; the hub itself logs refusals by a line and defects with their stack.
        builder.Logging.AddFilter("Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher", LogLevel.None);

        // A failed start is explained in one sentence; its stack trace helps nobody at the console.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        builder.Services.AddSingleton(new BridgeMount(inApplication: false));
        builder.Services.AddBridge(builder.Configuration);
        builder.Services.AddSignIn(options.Access);
        builder.Services.AddSingleton(engine);
        engine.Register(builder.Services);
        builder.Services.AddSingleton<IHostLifetime, DrainingLifetime>();
        var app = builder.Build();
        if (options.PathBase is { Length: > 0 } pathBase)
        {
            // Routing has to come after it, or it would look at the whole path.
            app.UsePathBase(pathBase);
            app.UseRouting();
        }

        app.UseHostAccess();
        app.MapBridge();
        return app;
    }

    private static (string Sentence, int ExitCode)? Explain(Exception failure) => failure switch
    {
        HostStartException start => (start.Message, start.ExitCode),
        NativeLibraryMissingException missing => (missing.Message, 3),
        InvalidDataException unreadable => ($"{unreadable.Message} {unreadable.InnerException?.InnerException?.Message ?? unreadable.InnerException?.Message}".TrimEnd(), 2),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            ("The HTTP port is in use. Another Bridge may be running; choose one with --port.", 2),
        { InnerException: { } inner } => Explain(inner),
        _ => null,
    };
}
