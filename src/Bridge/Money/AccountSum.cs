namespace Bridge.Money;

/// <summary>The sum of one account.</summary>
/// <param name="Account">Its name.</param>
/// <param name="Unit">The unit it counts.</param>
/// <param name="Sum">In that unit.</param>
internal sealed record AccountSum(string Account, BudgetUnit Unit, long Sum);
