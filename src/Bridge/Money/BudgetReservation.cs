namespace Bridge.Money;

/// <summary>An amount that is held in each of some accounts until it is settled, once.</summary>
/// <param name="keys">The accounts.</param>
/// <param name="amount">Held in each, in the accounts' unit.</param>
internal sealed class BudgetReservation(IReadOnlyList<AccountKey> keys, long amount)
{
    private int _settled;

    public IReadOnlyList<AccountKey> Keys => keys;

    public long Amount => amount;

    /// <summary>True for the first who settles it.</summary>
    public bool TrySettle() => Interlocked.Exchange(ref _settled, 1) == 0;
}
