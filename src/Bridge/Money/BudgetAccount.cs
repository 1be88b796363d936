namespace Bridge.Money;

/// <summary>An account that a call draws on.</summary>
/// <param name="Key">Names it.</param>
/// <param name="Limit">The most that its sum may be, in its unit.</param>
internal readonly record struct BudgetAccount(AccountKey Key, long Limit);
