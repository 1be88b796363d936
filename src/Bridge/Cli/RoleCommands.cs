using System.CommandLine;
using Bridge.Cli.Golden;
using Bridge.Configuration;
using Bridge.Realtime.OpenAi;

namespace Bridge.Cli;

/// <summary><c>role check</c>, <c>role new</c> and <c>role test</c>: what an author of roles does without a server.</summary>
internal static class RoleCommands
{
    private const string DefaultFolder = "roles";

    /// <summary>Builds the command <c>role</c> with its subcommands.</summary>
    public static Command Build()
    {
        var command = new Command("role", "Checks, starts and tests roles.");
        command.Subcommands.Add(BuildCheck());
        command.Subcommands.Add(BuildNew());
        command.Subcommands.Add(BuildTest());
        return command;
    }

    private static Command BuildCheck()
    {
        var (named, roles) = (Named(), Roles());
        var command = new Command("check", "Checks the files of every role: exit code 0 when they are free of errors, 1 otherwise.")
        {
            named, roles,
        };
        command.SetAction(parsed => RoleCheck.Run(parsed.GetValue(named), parsed.GetValue(roles)!, parsed.InvocationConfiguration.Output));
        return command;
    }

    private static Command BuildNew()
    {
        var name = new Argument<string>("name") { Description = "Name of the role and of its folder; may hold an emoji and spaces." };
        var roles = Roles();
        var make = new Option<bool>("--make") { Description = "Make the roles folder when there is none, without asking." };
        var command = new Command("new", "Writes a small complete role to start from.") { name, roles, make };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            return RoleScaffold.Run(
                parsed.GetValue(roles)!, parsed.GetValue(name)!, parsed.GetValue(make) ? _ => true : Ask(output), output);
        });
        return command;
    }

    private static Command BuildTest()
    {
        var (named, roles) = (Named(), Roles());
        var model = new Option<string?>("--model")
        {
            Description =
                "A real model in real time (needs OPENAI_API_KEY; OPENAI_BASE_URL for another server) instead of the rehearsal model in "
                    + "virtual time.",
            HelpName = "NAME",
        };
        var command = new Command(
            "test", "Plays the golden conversations in tests/*.yaml: exit code 0 when all pass, 1 when one fails, 2 when it can't play.")
        {
            named, roles, model,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            return !TryModel(parsed.GetValue(model), CommandSettings.Read(parsed).TextModel, out var chosen, out var refusal)
                ? Refuse(parsed.InvocationConfiguration.Error, refusal)
                : RoleTest.RunAsync(parsed.GetValue(named), parsed.GetValue(roles)!, chosen, output, cancellation);
        });
        return command;
    }

    private static Argument<string?> Named() => new("role")
    {
        Description = "A role by its slug, name or folder, a file of it, or a whole roles folder (default: every role of --roles).",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static Option<string> Roles() =>
        new("--roles") { Description = "The roles folder.", HelpName = "DIR", DefaultValueFactory = _ => DefaultFolder };

    // Null where nobody sits in front of it: a script says --make.
    private static Func<string, bool>? Ask(TextWriter output) => Console.IsInputRedirected ? null : question =>
    {
        output.Write($"{question} [y/N] ");
        output.Flush();
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    };

    private static async Task<int> Refuse(TextWriter error, string sentence)
    {
        await error.WriteLineAsync(sentence).ConfigureAwait(false);
        return 2;
    }

    private static bool TryModel(string? name, TextModelOptions text, out GoldenModel model, out string refusal)
    {
        (model, refusal) = (GoldenModel.Rehearsal, "");
        if (name is null)
        {
            return true;
        }

        var key = Environment.GetEnvironmentVariable("OPENAI_API_KEY");
        if (string.IsNullOrEmpty(key))
        {
            refusal = "--model: OPENAI_API_KEY is not set.";
            return false;
        }

        var address = Environment.GetEnvironmentVariable("OPENAI_BASE_URL") is { Length: > 0 } written
            ? written
            : new OpenAiOptions().BaseUrl;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url))
        {
            refusal = $"OPENAI_BASE_URL: '{address}' is no http(s) address.";
            return false;
        }

        model = new GoldenModel(name, new ModelEndpoint { BaseUrl = url, Key = key, Model = name }) { Text = text };
        return true;
    }
}
