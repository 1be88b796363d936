namespace Bridge.Configuration;

/// <summary>
/// Budgets of cost and time; configuration section <c>Bridge:Budgets</c>. A day is one of UTC. The sum of
/// dollars never passes a budget: docs/money.md says how.
/// </summary>
public sealed class BudgetOptions
{
    /// <summary>One call.</summary>
    public BudgetLimit Call { get; set; } = new();

    /// <summary>All calls of one caller on one day; of one address, when the caller has no ticket.</summary>
    public BudgetLimit CallerDay { get; set; } = new();

    /// <summary>All calls of this host on one day.</summary>
    public BudgetLimit HostDay { get; set; } = new();

    /// <summary>
    /// In a cluster, while Redis is away: true refuses new calls that a budget of days limits, false lets each node go on within its
    /// share of what was left.
    /// </summary>
    public bool Strict { get; set; }

    /// <summary>True when a budget of dollars is set: each model then needs its price.</summary>
    public bool HasDollars => Call.Dollars is not null || CallerDay.Dollars is not null || HostDay.Dollars is not null;
}
