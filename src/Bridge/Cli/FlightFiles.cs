using System.CommandLine;
using Bridge.Flights;
using Bridge.Realtime.Flight;
using Bridge.Records;

namespace Bridge.Cli;

/// <summary>The flight files that a command line names: those of a call below the data folder, or one file.</summary>
internal static class FlightFiles
{
    /// <summary>The argument that names them.</summary>
    public static Argument<string> Call { get; } = new("call") { Description = "Id of the call, or its flight file.", HelpName = "CALL" };

    /// <summary>
    /// Gives each file to <paramref name="work"/>, in order. The exit code: the worst of theirs, 2 when one can't be read.
    /// </summary>
    public static int Each(ParseResult parsed, Func<FlightReader, int> work)
    {
        var error = parsed.InvocationConfiguration.Error;
        var named = parsed.GetValue(Call)!;
        var files = File.Exists(named)
            ? [named]
            : CallFiles.Below(CommandSettings.Read(parsed).Data).Find(named, FlightFile.Name, FlightFile.Ending);
        if (files.Count == 0)
        {
            error.WriteLine($"There is no flight file of '{named}'; Bridge:FlightRecorder=on makes them (docs/replay.md).");
            return 2;
        }

        var worst = 0;
        foreach (var file in files)
        {
            try
            {
                var bytes = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                if (!FlightReader.TryOpen(bytes, out var flight, out var refusal))
                {
                    error.WriteLine($"{file}: {refusal}");
                    worst = 2;
                    continue;
                }

                using (flight)
                {
                    worst = Math.Max(worst, work(flight));
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                error.WriteLine($"{file}: {failure.Message}");
                worst = 2;
            }
        }

        return worst;
    }
}
