namespace Bridge.Money;

/// <summary>The unit of an account.</summary>
internal enum BudgetUnit
{
    /// <summary>Millionths of a US dollar: what one token costs at a price of one dollar per million.</summary>
    MicroDollars,

    /// <summary>Milliseconds of calls.</summary>
    Milliseconds,
}
