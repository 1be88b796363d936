using System.CommandLine;
using Bridge.Configuration;

namespace Bridge.Cli;

/// <summary>Settings of commands that work on what a host keeps: from the same places that the host reads.</summary>
internal static class CommandSettings
{
    /// <summary>The switch that names the data folder.</summary>
    public static Option<string?> Data { get; } =
        new("--data") { Description = "Folder that holds the records (default data).", HelpName = "DIR" };

    /// <summary>The options that appsettings.json in the working folder, the environment and the command line make.</summary>
    public static BridgeOptions Read(ParseResult parsed)
    {
        var options = new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .Build()
            .GetSection(BridgeOptions.Section)
            .Get<BridgeOptions>() ?? new BridgeOptions();
        options.Data = parsed.GetValue(Data) ?? options.Data;
        return options;
    }
}
