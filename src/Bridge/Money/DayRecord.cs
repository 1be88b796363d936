namespace Bridge.Money;

/// <summary>A day as it is kept in its file.</summary>
/// <param name="Day">In UTC.</param>
/// <param name="Sums">What accounts have spent and hold, by their names; empty when no budget of a day is set.</param>
/// <param name="Usage">What was used.</param>
internal sealed record DayRecord(DateOnly Day, IReadOnlyList<AccountSum> Sums, IReadOnlyList<UsageRow> Usage);
