using System.CommandLine;
using System.Text.Json;
using Bridge.Access;
using Bridge.Configuration;
using FluentValidation;

namespace Bridge.Cli;

/// <summary><c>Bridge ticket --sub NAME</c>: prints a ticket that this host takes, signed with <c>Bridge:Access:Key</c>.</summary>
internal static class TicketCommand
{
    private static readonly Option<string> Sub = new("--sub") { Description = "The caller.", Required = true };
    private static readonly Option<string[]> Role = new("--role")
    {
        Description = "Slug of a role it may talk to; repeatable, all roles when absent.",
        HelpName = "SLUG",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Attribute = new("--attribute")
    {
        Description = "What roles may know of the caller for certain; repeatable.",
        HelpName = "NAME=VALUE",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<double?> Minutes = new("--minutes") { Description = "Longest time of one call." };
    private static readonly Option<decimal?> Budget = new("--budget") { Description = "What one call may cost, in US dollars." };
    private static readonly Option<int?> Concurrent = new("--concurrent") { Description = "Calls at once." };
    private static readonly Option<int?> ExpiresIn = new("--expires-in")
    {
        Description = "Seconds until it ends (default 600).",
        HelpName = "SECONDS",
    };


    public static Command Build()
    {
        var command = new Command("ticket", "Prints a ticket for one caller.")
        {
            Sub, Role, Attribute, Minutes, Budget, Concurrent, ExpiresIn,
        };
        command.SetAction(parsed => Run(parsed, Access()));
        return command;
    }

    /// <summary>Writes the ticket to the output; 2 and a sentence when there is no key or the switches are wrong.</summary>
    internal static int Run(ParseResult parsed, AccessOptions access)
    {
        var output = parsed.InvocationConfiguration.Output;
        var error = parsed.InvocationConfiguration.Error;
        if (access.Key is not { Length: >= AccessOptions.MinKeyLength } key)
        {
            error.WriteLine(
                $"Bridge:Access:Key (Bridge__Access__Key) is not set, or has fewer than {AccessOptions.MinKeyLength} characters.");
            return 2;
        }

        var attributes = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var attribute in parsed.GetValue(Attribute) ?? [])
        {
            var at = attribute.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                error.WriteLine($"--attribute: '{attribute}' is not NAME=VALUE.");
                return 2;
            }

            attributes[attribute[..at]] = JsonSerializer.SerializeToElement(attribute[(at + 1)..]);
        }

        var roles = parsed.GetValue(Role) is { Length: > 0 } slugs ? slugs : null;
        try
        {
            var request = new TicketRequest(
                parsed.GetValue(Sub), roles, attributes.Count > 0 ? attributes : null, parsed.GetValue(Minutes), parsed.GetValue(Budget),
                parsed.GetValue(Concurrent), parsed.GetValue(ExpiresIn));
            output.WriteLine(TicketMint.Mint(request, key, access.Audience, TimeProvider.System.GetUtcNow()).Ticket);
            return 0;
        }
        catch (ValidationException wrong)
        {
            error.WriteLine(string.Join(Environment.NewLine, wrong.Errors.Select(e => e.ErrorMessage)));
            return 2;
        }
    }

    // The same places that the host reads: appsettings.json in the working folder, and the environment.
    private static AccessOptions Access() => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .Build()
        .GetSection($"{BridgeOptions.Section}:{nameof(BridgeOptions.Access)}")
        .Get<AccessOptions>() ?? new AccessOptions();
}
