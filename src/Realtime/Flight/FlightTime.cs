using System.Globalization;

namespace Bridge.Realtime.Flight;

/// <summary>Times of a story: minutes, seconds and milliseconds since the call began.</summary>
internal static class FlightTime
{
    public static string Text(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes:00}:{time.Seconds:00}.{time.Milliseconds:000}");
}
