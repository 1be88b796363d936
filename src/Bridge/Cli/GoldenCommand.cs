using System.CommandLine;
using Bridge.Cli.Golden;
using Bridge.Realtime.Flight;

namespace Bridge.Cli;

/// <summary><c>Bridge golden CALL</c>: writes a role test out of a recorded call.</summary>
internal static class GoldenCommand
{
    private static readonly Option<string?> Output = new("--output")
    {
        Description = "File to write (default: the output).",
        HelpName = "FILE",
    };

    public static Command Build()
    {
        var golden = new Command("golden", "Writes a role test out of a recorded call, personal words replaced.")
        {
            FlightFiles.Call, Output, CommandSettings.Data,
        };
        golden.SetAction(parsed =>
        {
            var error = parsed.InvocationConfiguration.Error;
            string? written = null;
            var code = FlightFiles.Each(parsed, flight =>
            {
                if (!TryDraft(flight, out var draft, out var why))
                {
                    error.WriteLine(why);
                    return 2;
                }

                // A call that went on after its host crashed has its whole conversation in its last file.
                written = draft;
                return 0;
            });
            if (written is null || code != 0)
            {
                return 2;
            }

            if (parsed.GetValue(Output) is { } file)
            {
                File.WriteAllText(file, written);
                error.WriteLine(
                    $"{file} is written. Names that were said and are no attribute of the caller are still in it: "
                    + "read it before you share it.");
            }
            else
            {
                parsed.InvocationConfiguration.Output.Write(written);
            }

            return 0;
        });
        return golden;
    }

    private static bool TryDraft(FlightReader flight, out string draft, out string why)
    {
        (draft, why) = ("", "");
        if (!FlightReplay.TryBegin(flight, out var replay, out var refusal))
        {
            why = refusal;
            return false;
        }

        while (flight.TryRead(out var step))
        {
            if (flight.Lost > 0)
            {
                why = $"The first {flight.Lost} steps of the call were not kept; a role test needs its beginning.";
                return false;
            }

            if (replay.Take(step) is { } difference)
            {
                why = $"The call replays differently, so its conversation can't be printed:\n{difference}";
                return false;
            }
        }

        if (GoldenDraft.Write(flight.Header, replay.Conversation.Items) is not { } text)
        {
            why = "Nothing was said in the call; there is nothing to test.";
            return false;
        }

        draft = text;
        return true;
    }
}
