namespace Bridge.Money;

/// <summary>A day as it is kept in its file.</summary>
/// <param name="Day">In UTC.</param>
/// <param name="Sums">Sums that accounts have spent and hold, by their names; empty when no budget of a day is set.</param>
/// <param name="Usage">The usage.</param>
internal sealed record DayRecord(DateOnly Day, IReadOnlyList<AccountSum> Sums, IReadOnlyList<UsageRow> Usage);
