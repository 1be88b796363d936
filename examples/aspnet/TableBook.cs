using System.Collections.Concurrent;
using System.Globalization;
using Bridge.Tools;

namespace Restaurant;

/// <summary>The tables that are booked.</summary>
public sealed class TableBook
{
    private readonly ConcurrentQueue<string> _booked = new();

    /// <summary>One line for each table.</summary>
    public IReadOnlyCollection<string> All => _booked;

    /// <summary>Books a table.</summary>
    /// <exception cref="ToolException">There is no table for so many; the guest is told.</exception>
    public object Book(BookTable asked, string guest)
    {
        if (asked.Guests is < 1 or > 12)
        {
            throw new ToolException($"There is no table for {asked.Guests}; we seat 1 to 12.");
        }

        _booked.Enqueue($"{guest}, {asked.Guests} people, {asked.Day:yyyy-MM-dd}");
        return new { Booked = true, asked.Guests, Day = asked.Day.ToString("dddd, d MMMM", CultureInfo.InvariantCulture) };
    }
}
