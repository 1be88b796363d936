using System.CommandLine;
using System.Globalization;
using Bridge.Realtime.Flight;

namespace Bridge.Cli;

/// <summary><c>Bridge replay CALL</c>: runs a recorded call again and compares every command, or prints the call as a story.</summary>
internal static class ReplayCommand
{
    private static readonly Option<bool> Story = new("--story")
    {
        Description = "Tell the call in lines for people instead of comparing it.",
    };

    public static Command Build()
    {
        var replay = new Command("replay", "Runs a recorded call again and compares every command, byte for byte.")
        {
            FlightFiles.Call, Story, CommandSettings.Data,
        };
        replay.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            return FlightFiles.Each(parsed, parsed.GetValue(Story) ? flight => Tell(flight, output) : flight => Compare(flight, output));
        });
        return replay;
    }

    private static int Compare(FlightReader flight, TextWriter output)
    {
        if (!FlightReplay.TryBegin(flight, out var replay, out var refusal))
        {
            output.WriteLine(refusal);
            return 2;
        }

        while (flight.TryRead(out var step))
        {
            if (flight.Lost > 0)
            {
                output.WriteLine(
                    $"The first {flight.Lost} steps were not kept, so the commands can't be compared; --story prints the rest.");
                return 2;
            }

            if (replay.Take(step) is { } difference)
            {
                output.WriteLine($"Call {flight.Header.Call}: the replay differs after {replay.Commands} equal commands:");
                output.WriteLine(difference);
                return 1;
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Call {flight.Header.Call}: {replay.Steps} steps with {replay.Commands} commands in {replay.Length.TotalSeconds:0.0} s ")
            + $"are the same, byte for byte; {End(flight)}.");
        return flight.End == FlightEnd.Damaged ? 2 : 0;
    }

    private static int Tell(FlightReader flight, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Call {flight.Header.Call}, role {flight.Header.Role}, {flight.Header.Started:yyyy-MM-dd HH:mm:ss} UTC"));
        var story = new FlightStory(output);
        FlightReplay.TryBegin(flight, out var replay, out _);
        while (flight.TryRead(out var step))
        {
            // Without its beginning, or after a difference, the machine knows nothing of what waits; the record still does.
            if (flight.Lost > 0 || replay?.Take(step) is not null)
            {
                replay = null;
            }

            story.Tell(step, replay?.Blockers);
        }

        story.Finish(flight);
        return flight.End == FlightEnd.Damaged ? 2 : 0;
    }

    private static string End(FlightReader flight) => flight.End switch
    {
        FlightEnd.Complete => "the file is whole",
        FlightEnd.Stopped => $"there the recording stopped ({flight.Reason})",
        FlightEnd.Damaged => "there the file is damaged",
        _ => "there the file ends, before the call does",
    };
}
