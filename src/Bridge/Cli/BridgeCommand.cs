using System.CommandLine;
using System.Globalization;
using Bridge.Configuration;

namespace Bridge.Cli;

/// <summary>The command line: <c>Bridge [switches]</c> runs the host; subcommands do other work.</summary>
internal static class BridgeCommand
{
    private static readonly Option<string?> Host = new("--host") { Description = "Address the HTTP server binds to, * for every interface (default localhost)." };
    private static readonly Option<int?> Port = PortOption.Create("--port", "TCP port of pages, API and hub (default 5080; 0 picks a free one).");
    private static readonly Option<bool> Https = new("--https")
    {
        Description = "For a phone on the same network: HTTPS with a certificate of this machine's own, and a QR code to scan.",
    };

    private static readonly Option<int?> UdpPort = PortOption.Create("--udp-port", "UDP and TCP port that carries every call (default 5081; 0 picks a free one).");
    private static readonly Option<string?> Roles = new("--roles") { Description = "Folder of role folders (default roles).", HelpName = "DIR" };
    private static readonly Option<string?> PrivateRoles = new("--private-roles") { Description = "Name filter of the private roles this host serves (default none).", HelpName = "FILTER" };
    private static readonly Option<string?> Data = new("--data") { Description = "Folder for what calls leave behind (default data).", HelpName = "DIR" };
    private static readonly Option<string[]> PublicAddress = new("--public-address")
    {
        Description = "Address that clients reach this machine by (NAT 1:1, Docker); repeatable.",
        HelpName = "IP",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Origin = new("--origin")
    {
        Description = "Origin of a page elsewhere that may embed calls; repeatable.",
        HelpName = "ORIGIN",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Codec = new("--codec")
    {
        Description = "Engine for Opus: libopus, concentus (managed, slower), or auto: libopus where it is installed (default auto).",
        HelpName = "ENGINE",
    };

    private static readonly Option<string?> Engine = new("--engine")
    {
        Description = "Media engine: own, or sipsorcery, which ./run.sh builds when it is named (default own; docs/engines.md).",
        HelpName = "ENGINE",
    };

    private static readonly Option<string?> Access = new("--access")
    {
        Description = "Who may call: open, ticket or oidc; beyond localhost one has to be chosen.",
        HelpName = "MODE",
    };

    private static readonly Option<string?> Redis = new("--redis")
    {
        Description = "Redis server that several nodes share (docs/cluster.md).",
        HelpName = "HOST:PORT",
    };

    private static readonly Option<bool> Loopback = new("--loopback") { Description = "Also offer loopback addresses as ICE candidates." };
    private static readonly Option<bool> Lab = new("--lab") { Description = "Serve the lab endpoints (POST /lab/echo)." };
    private static readonly Option<LogLevel?> Level = new("--log-level")
    {
        Description = "What the host writes of itself: Trace, Debug, Information, Warning or Error (default Information).",
        HelpName = "LEVEL",
    };

    /// <summary>Parses the command line and does what it says.</summary>
    /// <returns>The exit code: 2 when the command line can't be read.</returns>
    public static async Task<int> RunAsync(string[] args, Func<IReadOnlyDictionary<string, string?>, CancellationToken, Task<int>> run)
    {
        var parsed = Build(run).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
            }

            return 2;
        }

        // Its own handling of SIGTERM would end the process two seconds after the signal, with calls still running.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
    }

    /// <summary>Builds the root command. <paramref name="run"/> gets the configuration that the switches amount to.</summary>
    public static RootCommand Build(Func<IReadOnlyDictionary<string, string?>, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand("The Bridge: people talk to an AI from a web page, on your own server.")
        {
            Host, Port, Https, UdpPort, Roles, PrivateRoles, Data, PublicAddress, Origin, Access, Codec, Engine, Redis, Loopback, Lab,
            Level,
        };
        root.Subcommands.Add(RehearsalCommand.Build());
        root.Subcommands.Add(RoleCommands.Build());
        root.Subcommands.Add(TicketCommand.Build());
        root.Subcommands.Add(RecordsCommand.Build());
        root.Subcommands.Add(ReplayCommand.Build());
        root.Subcommands.Add(GoldenCommand.Build());
        root.SetAction((parsed, cancellation) => run(Configuration(parsed), cancellation));
        return root;
    }

    private static Dictionary<string, string?> Configuration(ParseResult parsed)
    {
        var keys = new Dictionary<string, string?>();
        Set(nameof(BridgeOptions.Host), parsed.GetValue(Host));
        Set(nameof(BridgeOptions.Port), parsed.GetValue(Port)?.ToString(CultureInfo.InvariantCulture));
        Set(nameof(BridgeOptions.Https), parsed.GetValue(Https) ? "true" : null);
        Set(nameof(BridgeOptions.UdpPort), parsed.GetValue(UdpPort)?.ToString(CultureInfo.InvariantCulture));
        Set(nameof(BridgeOptions.Roles), parsed.GetValue(Roles));
        Set(nameof(BridgeOptions.PrivateRoles), parsed.GetValue(PrivateRoles));
        Set(nameof(BridgeOptions.Data), parsed.GetValue(Data));
        Set(nameof(BridgeOptions.Codec), parsed.GetValue(Codec));
        Set(nameof(BridgeOptions.Redis), parsed.GetValue(Redis));
        Set(nameof(BridgeOptions.Engine), parsed.GetValue(Engine));
        Set(nameof(BridgeOptions.Loopback), parsed.GetValue(Loopback) ? "true" : null);
        Set(nameof(BridgeOptions.Lab), parsed.GetValue(Lab) ? "true" : null);
        Set($"{nameof(BridgeOptions.Access)}:{nameof(AccessOptions.Mode)}", parsed.GetValue(Access));
        SetAll(nameof(BridgeOptions.PublicAddresses), parsed.GetValue(PublicAddress) ?? []);
        SetAll(nameof(BridgeOptions.Origins), parsed.GetValue(Origin) ?? []);

        if (parsed.GetValue(Level) is { } level)
        {
            keys["Logging:LogLevel:Bridge"] = level.ToString();
        }

        return keys;

        void SetAll(string key, string[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                Set($"{key}:{i}", values[i]);
            }
        }

        void Set(string key, string? value)
        {
            if (value is not null)
            {
                keys[$"{BridgeOptions.Section}:{key}"] = value;
            }
        }
    }
}
