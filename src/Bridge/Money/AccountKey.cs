namespace Bridge.Money;

/// <summary>Names an account.</summary>
/// <param name="Name">For instance <c>host</c>, <c>caller/3f2a…</c> or <c>call/9c01…</c>; holds no name of a person.</param>
/// <param name="Day">Its day in UTC; null for an account of a call.</param>
/// <param name="Unit">The unit it counts.</param>
internal readonly record struct AccountKey(string Name, DateOnly? Day, BudgetUnit Unit);
