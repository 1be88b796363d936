namespace Bridge.Money;

/// <summary>An amount that is held in each of some accounts until it is settled, once.</summary>
/// <param name="keys">The accounts.</param>
/// <param name="amount">Held in each, in the accounts' unit.</param>
/// <param name="id">Names it in a ledger of several hosts; null elsewhere.</param>
internal sealed class BudgetReservation(IReadOnlyList<AccountKey> keys, long amount, string? id = null)
{
    private int _settled;

    public IReadOnlyList<AccountKey> Keys => keys;

    public long Amount => amount;

    public string? Id => id;

    /// <summary>True for the first who settles it.</summary>
    public bool TrySettle() => Interlocked.Exchange(ref _settled, 1) == 0;
}
