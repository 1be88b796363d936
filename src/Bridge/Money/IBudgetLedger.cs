namespace Bridge.Money;

/// <summary>
/// Sums that never pass their limits, however many calls draw on them at once: what an account has spent and holds in
/// reserve is at most its limit. Each operation is atomic over all its accounts. May be used from any thread.
/// </summary>
internal interface IBudgetLedger
{
    /// <summary>True while the sums of other nodes can't be read, and this node draws on its share of what was left.</summary>
    bool IsAway => false;

    /// <summary>Holds an amount in every account or in none.</summary>
    /// <param name="accounts">All of one unit; none: the amount is <paramref name="most"/>.</param>
    /// <param name="least">The least that is of use.</param>
    /// <param name="most">As much of it as is left is held.</param>
    /// <returns>The reservation; null when an account has less than <paramref name="least"/> left.</returns>
    ValueTask<BudgetReservation?> ReserveAsync(IReadOnlyList<BudgetAccount> accounts, long least, long most);

    /// <summary>Ends a reservation: what was used of it is spent, the rest is free again. Nothing happens the second time.</summary>
    /// <param name="reservation">The reservation.</param>
    /// <param name="used">At most its amount; what is more is spent all the same, because it was used.</param>
    ValueTask SettleAsync(BudgetReservation reservation, long used);

    /// <summary>Spends what nobody had reserved and was used all the same. It may pass a limit: the sums tell the truth.</summary>
    ValueTask ChargeAsync(IReadOnlyList<BudgetAccount> accounts, long used);

    /// <summary>The largest share of its limit that any of the accounts has spent, 0 to 1 and rarely more; reserves don't count.</summary>
    ValueTask<double> ShareAsync(IReadOnlyList<BudgetAccount> accounts);

    /// <summary>The most that can be reserved in every account at this moment.</summary>
    ValueTask<long> LeftAsync(IReadOnlyList<BudgetAccount> accounts);

    /// <summary>A call is over: its own accounts are forgotten.</summary>
    ValueTask CloseAsync(IReadOnlyList<BudgetAccount> accounts);
}
