using System.CommandLine;
using System.Globalization;

namespace Bridge.Cli;

/// <summary>An option whose value is a port number; anything else is refused in one sentence.</summary>
internal static class PortOption
{
    /// <summary>Makes the option; it is null where it is not given.</summary>
    public static Option<int?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PORT",
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue)
            {
                return port;
            }

            argument.AddError($"{name}: '{text}' is no port; a port is a number from 0 to {ushort.MaxValue}.");
            return null;
        },
    };
}
