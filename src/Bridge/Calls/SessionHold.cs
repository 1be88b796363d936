using Bridge.Configuration;
using Bridge.Money;

namespace Bridge.Calls;

/// <summary>
/// The money for a session that is billed by the second: so much of it as a goodbye takes is always held ahead, so that the call learns
/// in time that no more can be paid. May be used from any thread.
/// </summary>
/// <param name="reserve">Holds an amount; null when it can't be, and the call is notified.</param>
/// <param name="ledger">Settles what was held.</param>
internal sealed class SessionHold(Func<long, Task<BudgetReservation?>> reserve, IBudgetLedger ledger) : IAsyncDisposable
{
    /// <summary>So much of a session is held ahead: the goodbye fits into it.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromSeconds(35);

    private readonly Lock _gate = new();
    private readonly Queue<BudgetReservation> _held = new();
    private long _owed;
    private bool _busy;

    /// <summary>The cost of so much of a session, micro-dollars.</summary>
    public static long Cost(TimeSpan time, PriceOptions price) =>
        (long)Math.Ceiling((decimal)time.TotalSeconds * price.SessionSecond * CallPrices.PerDollar);

    /// <summary>Holds more when what is held does not pay the time ahead; called once a second while a session may be open.</summary>
    public async Task TopUpAsync(PriceOptions price)
    {
        long missing;
        lock (_gate)
        {
            // The service reports seconds long after they have passed: until then they are counted here.
            _owed += Cost(TimeSpan.FromSeconds(1), price);
            missing = _owed + Cost(Ahead, price) - _held.Sum(h => h.Amount);
            if (missing <= 0 || _busy)
            {
                return;
            }

            _busy = true;
        }

        // By the quarter of a minute: an amount each second would be a ledger's entry each second.
        var money = await reserve(Math.Max(missing, Cost(Ahead, price) / 2)).ConfigureAwait(false);
        lock (_gate)
        {
            _busy = false;
            if (money is not null)
            {
                _held.Enqueue(money);
            }
        }
    }

    /// <summary>Pays seconds from what is held; returns what that did not pay.</summary>
    public async Task<long> PayAsync(long cost)
    {
        lock (_gate)
        {
            _owed = Math.Max(0, _owed - cost);
        }

        while (cost > 0 && TryTake(out var money))
        {
            var part = Math.Min(cost, money.Amount);
            await ledger.SettleAsync(money, part).ConfigureAwait(false);
            cost -= part;
        }

        return cost;
    }

    /// <summary>The rest that is held is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        while (TryTake(out var money))
        {
            await ledger.SettleAsync(money, 0).ConfigureAwait(false);
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out BudgetReservation? money)
    {
        lock (_gate)
        {
            return _held.TryDequeue(out money);
        }
    }
}
