using System.Collections.Concurrent;
using Bridge.Money;

namespace Bridge.Cluster;

/// <summary>
/// The ledger of a cluster. While Redis is away this node draws on its share of what was left when it was read last; what is used
/// meanwhile is booked when Redis is back.
/// </summary>
internal sealed class RedisLedger : IBudgetLedger, IDisposable
{
    private const int MaxSeen = 20_000;

    private readonly RedisLink _redis;
    private readonly RedisSums _sums;
    private readonly TimeProvider _time;
    private readonly Func<int> _nodes;
    private readonly ConcurrentDictionary<AccountKey, long> _seen = new();
    private readonly ConcurrentDictionary<string, Debt> _owed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<BudgetReservation, (MemoryLedger Share, BudgetReservation Inner)> _shared = new();
    private readonly SemaphoreSlim _paying = new(1);
    private MemoryLedger _share;
    private volatile bool _away;

    /// <param name="redis">The connection.</param>
    /// <param name="time">For the node's share.</param>
    /// <param name="nodes">The number of nodes at the last count.</param>
    public RedisLedger(RedisLink redis, TimeProvider time, Func<int> nodes)
    {
        (_redis, _sums, _time, _nodes) = (redis, new RedisSums(redis), time, nodes);
        _share = new MemoryLedger(time);
        redis.Restored += Restored;
    }

    /// <inheritdoc/>
    public bool IsAway => _away || _redis.IsAway;

    /// <summary>Settlements that Redis does not know of yet.</summary>
    public int Owed => _owed.Count;

    /// <inheritdoc/>
    public async ValueTask<BudgetReservation?> ReserveAsync(IReadOnlyList<BudgetAccount> accounts, long least, long most)
    {
        if (accounts.Count == 0)
        {
            return most >= least ? new BudgetReservation([], most) : null;
        }

        if (_redis.IsAway)
        {
            _away = true;
            return await ReserveShareAsync(accounts, least, most).ConfigureAwait(false);
        }

        var id = NewId();
        AccountKey[] keys = [.. accounts.Select(a => a.Key)];
        try
        {
            var (amount, sums) = await _sums.ReserveAsync(id, accounts, least, most).ConfigureAwait(false);
            await BackAsync().ConfigureAwait(false);
            for (var i = 0; i < keys.Length; i++)
            {
                See(keys[i], sums[i] + (amount ?? 0));
            }

            return amount is { } held ? new BudgetReservation(keys, held, id) : null;
        }
        catch (ClusterAwayException)
        {
            // It may have been held all the same: then it is free again when Redis is back.
            Owe(id, keys, 0);
            return await ReserveShareAsync(accounts, least, most).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SettleAsync(BudgetReservation reservation, long used)
    {
        if (reservation.Id is not { } id)
        {
            if (_shared.TryRemove(reservation, out var held))
            {
                await held.Share.SettleAsync(held.Inner, used).ConfigureAwait(false);
                Owe(NewId(), reservation.Keys, used);
                await PayAsync().ConfigureAwait(false);
            }

            return;
        }

        if (reservation.TrySettle())
        {
            await SpendAsync(id, reservation.Keys, used).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask ChargeAsync(IReadOnlyList<BudgetAccount> accounts, long used) =>
        accounts.Count == 0 ? ValueTask.CompletedTask : SpendAsync(NewId(), [.. accounts.Select(a => a.Key)], used);

    /// <inheritdoc/>
    public async ValueTask<double> ShareAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        if (accounts.Count == 0)
        {
            return 0;
        }

        try
        {
            var sums = await ReadAsync(accounts).ConfigureAwait(false);
            return accounts.Zip(sums, (a, sum) => sum.Spent / (double)a.Limit).Max();
        }
        catch (ClusterAwayException)
        {
            return accounts.Max(a => Seen(a.Key) / (double)a.Limit);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> LeftAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        if (accounts.Count == 0)
        {
            return long.MaxValue;
        }

        try
        {
            var sums = await ReadAsync(accounts).ConfigureAwait(false);
            return accounts.Zip(sums, (a, sum) => a.Limit - sum.Spent - sum.Held).Min();
        }
        catch (ClusterAwayException)
        {
            return await Volatile.Read(ref _share).LeftAsync(Shares(accounts)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask CloseAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        AccountKey[] own = [.. accounts.Where(a => a.Key.Day is null).Select(a => a.Key)];
        if (own.Length == 0)
        {
            return;
        }

        try
        {
            await _sums.ForgetAsync(own).ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // It expires by itself.
        }

        Array.ForEach(own, key => _seen.TryRemove(key, out _));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _redis.Restored -= Restored;
        _paying.Dispose();
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    // Settled in the share that it came from, which may be another one by then.
    private async Task<BudgetReservation?> ReserveShareAsync(IReadOnlyList<BudgetAccount> accounts, long least, long most)
    {
        var share = Volatile.Read(ref _share);
        if (await share.ReserveAsync(Shares(accounts), least, most).ConfigureAwait(false) is not { } inner)
        {
            return null;
        }

        var reservation = new BudgetReservation(inner.Keys, inner.Amount);
        _shared[reservation] = (share, inner);
        return reservation;
    }

    private async Task<(long Spent, long Held)[]> ReadAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        var sums = await _sums.ReadAsync(accounts).ConfigureAwait(false);
        await BackAsync().ConfigureAwait(false);
        for (var i = 0; i < sums.Length; i++)
        {
            See(accounts[i].Key, sums[i].Spent + sums[i].Held);
        }

        return sums;
    }

    private async ValueTask SpendAsync(string id, IReadOnlyList<AccountKey> keys, long used)
    {
        try
        {
            await _sums.SettleAsync(id, keys, used).ConfigureAwait(false);
            await BackAsync().ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            Owe(id, keys, used);
        }
    }

    private void Owe(string id, IReadOnlyList<AccountKey> keys, long used)
    {
        _away = true;
        _owed[id] = new Debt(keys, used);
    }

    // Redis has answered: the share of the time without it is over.
    private ValueTask BackAsync()
    {
        if (!_away && _owed.IsEmpty)
        {
            return ValueTask.CompletedTask;
        }

        return new ValueTask(PayAsync());
    }

    private async Task PayAsync()
    {
        if (!await _paying.WaitAsync(0).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            foreach (var (id, debt) in _owed.ToArray())
            {
                await _sums.SettleAsync(id, debt.Keys, debt.Used).ConfigureAwait(false);
                _owed.TryRemove(id, out _);
            }

            if (_away)
            {
                Volatile.Write(ref _share, new MemoryLedger(_time));
                _away = false;
            }
        }
        catch (ClusterAwayException)
        {
            // The rest is paid with the next answer.
        }
        finally
        {
            _paying.Release();
        }
    }

    private void Restored() => _ = PayAsync();

    private void See(AccountKey key, long sum)
    {
        if (_seen.Count < MaxSeen || _seen.ContainsKey(key))
        {
            _seen[key] = sum;
        }
    }

    private long Seen(AccountKey key) => _seen.TryGetValue(key, out var sum) ? sum : 0;

    private BudgetAccount[] Shares(IReadOnlyList<BudgetAccount> accounts) =>
        [.. accounts.Select(a => a with { Limit = Math.Max(0, a.Limit - Seen(a.Key)) / Math.Max(1, a.Key.Day is null ? 1 : _nodes()) })];

    private sealed record Debt(IReadOnlyList<AccountKey> Keys, long Used);
}
