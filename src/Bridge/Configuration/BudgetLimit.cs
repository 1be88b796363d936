namespace Bridge.Configuration;

/// <summary>How much of the two may be used; null: no limit.</summary>
public sealed class BudgetLimit
{
    /// <summary>US dollars at the operator's prices.</summary>
    public decimal? Dollars { get; set; }

    /// <summary>Minutes of calls.</summary>
    public double? Minutes { get; set; }
}
