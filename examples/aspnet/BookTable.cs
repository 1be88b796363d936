using System.ComponentModel;

namespace Restaurant;

/// <summary>The arguments of a booking.</summary>
/// <param name="Guests">People at the table.</param>
/// <param name="Day">The day.</param>
/// <param name="Area">Where they want to sit; null when they do not mind.</param>
[Description("Books a table. Call it once the guest has named the number of people and the day.")]
public sealed record BookTable(
    [property: Description("Number of people, 1 to 12.")] int Guests,
    [property: Description("Day in the form 2026-12-24.")] DateOnly Day,
    Area? Area = null);
