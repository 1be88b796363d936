using Bridge.Timing;

namespace Bridge.Money;

/// <summary>
/// The ledger of one process. Accounts of a day that is over are forgotten once nothing is held in them; <see cref="DayBook"/>
/// keeps those of the running day over a restart.
/// </summary>
internal sealed class MemoryLedger(TimeProvider time) : IBudgetLedger
{
    // Each distinct caller of a day has one or two. Beyond it no new account begins, and nothing can be reserved in it.
    private const int MaxAccounts = 200_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<AccountKey, Sums> _accounts = [];
    private DateOnly _today;

    /// <summary>A sum has changed. Raised on the thread that changed it.</summary>
    public event Action? Changed;

    /// <summary>The running day in UTC.</summary>
    public DateOnly Today => time.Today();

    /// <inheritdoc/>
    public ValueTask<BudgetReservation?> ReserveAsync(IReadOnlyList<BudgetAccount> accounts, long least, long most)
    {
        var reservation = Reserve(accounts, least, most);
        if (reservation is { Keys.Count: > 0 })
        {
            Changed?.Invoke();
        }

        return ValueTask.FromResult(reservation);
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(BudgetReservation reservation, long used)
    {
        if (reservation.TrySettle() && reservation.Keys.Count > 0)
        {
            lock (_gate)
            {
                foreach (var key in reservation.Keys)
                {
                    var sums = Open(key);
                    sums.Reserved -= reservation.Amount;
                    sums.Spent += used;
                }
            }

            Changed?.Invoke();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ChargeAsync(IReadOnlyList<BudgetAccount> accounts, long used)
    {
        lock (_gate)
        {
            foreach (var account in accounts)
            {
                Open(account.Key).Spent += used;
            }
        }

        Changed?.Invoke();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<double> ShareAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        var share = 0.0;
        lock (_gate)
        {
            foreach (var (key, limit) in accounts)
            {
                share = Math.Max(share, Spent(key) / (double)limit);
            }
        }

        return ValueTask.FromResult(share);
    }

    /// <inheritdoc/>
    public ValueTask<long> LeftAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Left(accounts));
        }
    }

    /// <inheritdoc/>
    public ValueTask CloseAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        lock (_gate)
        {
            foreach (var account in accounts)
            {
                if (account.Key.Day is null)
                {
                    _accounts.Remove(account.Key);
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The sums of a day, what is held in reserve included: after a crash nobody knows what of it was used.</summary>
    public IReadOnlyList<KeyValuePair<AccountKey, long>> SumsOf(DateOnly day)
    {
        lock (_gate)
        {
            return [.. _accounts.Where(a => a.Key.Day == day && a.Value.Total > 0).Select(a => KeyValuePair.Create(a.Key, a.Value.Total))];
        }
    }

    /// <summary>Takes over the sums that an earlier process has left.</summary>
    public void Restore(IEnumerable<KeyValuePair<AccountKey, long>> sums)
    {
        lock (_gate)
        {
            foreach (var (key, spent) in sums)
            {
                Open(key).Spent += spent;
            }
        }
    }

    private BudgetReservation? Reserve(IReadOnlyList<BudgetAccount> accounts, long least, long most)
    {
        lock (_gate)
        {
            ForgetPastDays();
            var amount = Math.Min(most, Left(accounts));
            if (amount < least || _accounts.Count + accounts.Count > MaxAccounts)
            {
                return null;
            }

            var keys = new AccountKey[accounts.Count];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = accounts[i].Key;
                Open(keys[i]).Reserved += amount;
            }

            return new BudgetReservation(keys, amount);
        }
    }

    private long Left(IReadOnlyList<BudgetAccount> accounts)
    {
        var left = long.MaxValue;
        foreach (var (key, limit) in accounts)
        {
            left = Math.Min(left, limit - (_accounts.TryGetValue(key, out var sums) ? sums.Total : 0));
        }

        return left;
    }

    private long Spent(AccountKey key) => _accounts.TryGetValue(key, out var sums) ? sums.Spent : 0;

    private Sums Open(AccountKey key)
    {
        if (!_accounts.TryGetValue(key, out var sums))
        {
            _accounts[key] = sums = new Sums();
        }

        return sums;
    }

    private void ForgetPastDays()
    {
        var today = Today;
        if (today == _today)
        {
            return;
        }

        _today = today;
        foreach (var (key, sums) in _accounts.ToArray())
        {
            if (key.Day < today && sums.Reserved == 0)
            {
                _accounts.Remove(key);
            }
        }
    }

    private sealed class Sums
    {
        public long Spent { get; set; }

        public long Reserved { get; set; }

        public long Total => Spent + Reserved;
    }
}
