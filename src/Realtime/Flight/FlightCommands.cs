using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Bridge.Realtime.Turns;

namespace Bridge.Realtime.Flight;

/// <summary>Commands as a flight file has them.</summary>
public static class FlightCommands
{
    /// <summary>Reads a command's JSON; false when it is none.</summary>
    public static bool TryRead(string json, [NotNullWhen(true)] out TurnCommand? command)
    {
        command = null;
        try
        {
            command = JsonSerializer.Deserialize<TurnCommand>(json, FlightJson.Options);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            // A command that another version wrote, or nobody: the caller gets false.
        }

        return command is not null;
    }
}
