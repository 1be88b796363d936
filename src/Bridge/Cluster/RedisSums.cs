using System.Globalization;
using Bridge.Money;
using StackExchange.Redis;

namespace Bridge.Cluster;

/// <summary>
/// The scripts of a ledger in Redis. An account is a hash of what is spent and what is held; a reservation is a key with its amount,
/// which its settlement replaces by a mark, so that a settlement that is sent twice counts once. Whole numbers: Lua's are exact to 2^53.
/// </summary>
internal sealed class RedisSums(RedisLink redis)
{
    /// <summary>The largest sum that a script counts exactly.</summary>
    public const long Max = 1L << 53;

    // KEYS: accounts, the reservation. ARGV: a limit for each account, least, most, life of accounts, life of the reservation.
    // Answers with the amount, or -1, and the sum of each account.
    private const string ReserveScript =
        """
        local n = #KEYS - 1
        local amount = tonumber(ARGV[n + 2])
        local sums = {}
        for i = 1, n do
          local held = redis.call('HMGET', KEYS[i], 'spent', 'held')
          local sum = (tonumber(held[1]) or 0) + (tonumber(held[2]) or 0)
          table.insert(sums, string.format('%.0f', sum))
          amount = math.min(amount, tonumber(ARGV[i]) - sum)
        end
        if amount < tonumber(ARGV[n + 1]) then
          table.insert(sums, 1, '-1')
          return sums
        end
        local text = string.format('%.0f', amount)
        for i = 1, n do
          redis.call('HINCRBY', KEYS[i], 'held', text)
          redis.call('PEXPIRE', KEYS[i], ARGV[n + 3])
        end
        redis.call('SET', KEYS[n + 1], text, 'PX', ARGV[n + 4])
        table.insert(sums, 1, text)
        return sums
        """;

    // KEYS: accounts, the reservation. ARGV: used, life of accounts, life of the mark. The used part of a reservation that Redis has lost
    // is spent all the same.
    private const string SettleScript =
        """
        local n = #KEYS - 1
        local held = redis.call('GET', KEYS[n + 1])
        if held == 'done' then
          return 0
        end
        for i = 1, n do
          if held then
            redis.call('HINCRBY', KEYS[i], 'held', '-' .. held)
          end
          redis.call('HINCRBY', KEYS[i], 'spent', ARGV[1])
          redis.call('PEXPIRE', KEYS[i], ARGV[2])
        end
        redis.call('SET', KEYS[n + 1], 'done', 'PX', ARGV[3])
        return 1
        """;

    private const string ReadScript =
        """
        local sums = {}
        for i = 1, #KEYS do
          local held = redis.call('HMGET', KEYS[i], 'spent', 'held')
          table.insert(sums, held[1] or '0')
          table.insert(sums, held[2] or '0')
        end
        return sums
        """;

    private static readonly long AccountLife = (long)TimeSpan.FromDays(2).TotalMilliseconds;
    private static readonly long HoldLife = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    /// <summary>Holds an amount in every account or in none: the amount, null when an account has less left, and the sums before.</summary>
    public async Task<(long? Amount, long[] Sums)> ReserveAsync(string id, IReadOnlyList<BudgetAccount> accounts, long least, long most)
    {
        var answer = (string?[]?)await redis.RunAsync(
            ReserveScript,
            [.. accounts.Select(a => Key(a.Key)), Hold(id)],
            [.. accounts.Select(a => (RedisValue)Math.Min(a.Limit, Max)), least, Math.Min(most, Max), AccountLife, HoldLife])
            .ConfigureAwait(false) ?? throw new ClusterAwayException("Redis answers nothing.");
        var numbers = Array.ConvertAll(answer, Number);
        return (numbers[0] < 0 ? null : numbers[0], numbers[1..]);
    }

    /// <summary>Settles a reservation, or spends under an id of its own. Counts once, however often it is sent.</summary>
    public Task SettleAsync(string id, IReadOnlyList<AccountKey> accounts, long used) => redis.RunAsync(
        SettleScript, [.. accounts.Select(Key), Hold(id)], [Math.Min(used, Max), AccountLife, HoldLife]);

    /// <summary>The sums of each account: spent, and held in reserve.</summary>
    public async Task<(long Spent, long Held)[]> ReadAsync(IReadOnlyList<BudgetAccount> accounts)
    {
        var answer = (string?[]?)await redis.RunAsync(ReadScript, [.. accounts.Select(a => Key(a.Key))], []).ConfigureAwait(false)
            ?? throw new ClusterAwayException("Redis answers nothing.");
        return [.. answer.Chunk(2).Select(pair => (Number(pair[0]), Number(pair[1])))];
    }

    /// <summary>Forgets accounts.</summary>
    public Task ForgetAsync(IEnumerable<AccountKey> accounts) =>
        redis.RunAsync(database => database.KeyDeleteAsync([.. accounts.Select(Key)]));

    private static long Number(string? text) => long.Parse(text!, CultureInfo.InvariantCulture);

    private RedisKey Key(AccountKey account) => redis.Key(string.Create(
        CultureInfo.InvariantCulture, $"money:{account.Unit}:{account.Day:yyyy-MM-dd}:{account.Name}"));

    private RedisKey Hold(string id) => redis.Key("hold:" + id);
}
