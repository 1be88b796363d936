using System.Text.Json;
using StackExchange.Redis;

namespace Bridge.Cluster;

/// <summary>
/// The directory in Redis. A lease is a key that expires; a call is a hash of node, epoch and end; a token is a key that names its
/// call. Every change is one script, so that no other node sees half of it.
/// </summary>
internal sealed class RedisDirectory(RedisLink redis, string node, ClusterTimes times) : ICallDirectory
{
    private const string RenewLease =
        """
        local held = redis.call('EXISTS', KEYS[1])
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        redis.call('SADD', KEYS[2], ARGV[1])
        return held
        """;

    private const string ReadNodes =
        """
        local reports = {}
        for _, node in ipairs(redis.call('SMEMBERS', KEYS[1])) do
          local report = redis.call('GET', ARGV[1] .. node)
          if report then
            table.insert(reports, report)
          else
            redis.call('SREM', KEYS[1], node)
          end
        end
        return reports
        """;

    // KEYS: the token. ARGV: what the keys of calls begin with.
    private const string FindByToken =
        """
        local call = redis.call('GET', KEYS[1])
        if not call then
          return {}
        end
        local held = redis.call('HMGET', ARGV[1] .. call, 'node', 'epoch', 'over')
        return {call, held[1], held[2], held[3]}
        """;

    // KEYS: the call, its snapshot, its tokens. ARGV: node, epoch, life, call id.
    private const string Keep =
        """
        local held = redis.call('HMGET', KEYS[1], 'node', 'epoch', 'over')
        local epoch = tonumber(ARGV[2])
        if held[2] and (tonumber(held[2]) > epoch or (tonumber(held[2]) == epoch and held[1] ~= ARGV[1]) or held[3]) then
          return 0
        end
        redis.call('HSET', KEYS[1], 'node', ARGV[1], 'epoch', ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        redis.call('PEXPIRE', KEYS[2], ARGV[3])
        for i = 3, #KEYS do
          redis.call('SET', KEYS[i], ARGV[4], 'PX', ARGV[3])
        end
        return 1
        """;

    // KEYS: the call, the lease of its owner as it was seen. ARGV: node, epoch that was seen, life.
    private const string TakeOver =
        """
        local held = redis.call('HMGET', KEYS[1], 'node', 'epoch', 'over')
        if not held[2] then
          return {}
        end
        if held[2] ~= ARGV[2] or held[3] or redis.call('EXISTS', KEYS[2]) == 1 then
          return held
        end
        local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
        redis.call('HSET', KEYS[1], 'node', ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return {ARGV[1], tostring(epoch), false}
        """;

    // KEYS: the call, its snapshot, the lease of the node that gets it. ARGV: node, epoch, life, that node.
    private const string Give =
        """
        local held = redis.call('HMGET', KEYS[1], 'node', 'epoch', 'over')
        if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] or held[3] or redis.call('EXISTS', KEYS[3]) == 0 then
          return 0
        end
        redis.call('HINCRBY', KEYS[1], 'epoch', 1)
        redis.call('HSET', KEYS[1], 'node', ARGV[4])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        redis.call('PEXPIRE', KEYS[2], ARGV[3])
        return 1
        """;

    // KEYS: the call, its snapshot. ARGV: node, epoch, life.
    private const string End =
        """
        local held = redis.call('HMGET', KEYS[1], 'node', 'epoch')
        if held[1] == ARGV[1] and held[2] == ARGV[2] then
          redis.call('HSET', KEYS[1], 'over', '1')
          redis.call('PEXPIRE', KEYS[1], ARGV[3])
          redis.call('DEL', KEYS[2])
        end
        return 1
        """;

    /// <inheritdoc/>
    public string Node => node;

    /// <inheritdoc/>
    public async ValueTask<bool> RenewLeaseAsync(NodeReport report) =>
        (long)await redis.RunAsync(
            database => database.ScriptEvaluateAsync(
                RenewLease,
                [Lease(node), redis.Key("nodes")],
                [node, JsonSerializer.Serialize(report, JsonSerializerOptions.Web), Milliseconds(times.Lease)]),
            times.Lease).ConfigureAwait(false) == 1;

    /// <inheritdoc/>
    public async ValueTask LeaveAsync() =>
        await redis.RunAsync(database => database.KeyDeleteAsync(Lease(node))).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<NodeReport>> NodesAsync()
    {
        var reports = (string?[]?)await redis.RunAsync(ReadNodes, [redis.Key("nodes")], [redis.Name("lease:")]).ConfigureAwait(false);
        return [.. (reports ?? []).Select(Report).OfType<NodeReport>().OrderBy(n => n.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask<TimeSpan> LeaseLeftAsync(string other) =>
        await redis.RunAsync(database => database.KeyTimeToLiveAsync(Lease(other))).ConfigureAwait(false) ?? TimeSpan.Zero;

    /// <inheritdoc/>
    public async ValueTask<bool> KeepAsync(string callId, long epoch, IReadOnlyList<string> tokens) =>
        (long)await redis.RunAsync(
            Keep, [Call(callId), Snapshot(redis, callId), .. tokens.Select(Token)], [node, epoch, Milliseconds(times.Keep), callId])
            .ConfigureAwait(false) == 1;

    /// <inheritdoc/>
    public async ValueTask<CallOwner?> FindByTokenAsync(string token)
    {
        var found = (RedisValue[]?)await redis.RunAsync(FindByToken, [Token(token)], [redis.Name("call:")]).ConfigureAwait(false);
        return found is [var callId, .. var held] && (string?)callId is { } id ? Owner(id, held) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<CallOwner?> FindAsync(string callId) =>
        Owner(
            callId,
            await redis.RunAsync(database => database.HashGetAsync(Call(callId), ["node", "epoch", "over"])).ConfigureAwait(false));

    /// <inheritdoc/>
    public async ValueTask<CallOwner?> TakeOverAsync(CallOwner seen)
    {
        var owner = await redis.RunAsync(
            TakeOver, [Call(seen.CallId), Lease(seen.Node)], [node, seen.Epoch, Milliseconds(times.Keep)]).ConfigureAwait(false);
        return Owner(seen.CallId, (RedisValue[]?)owner ?? []);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> GiveAsync(string callId, long epoch, string to) => (long)await redis.RunAsync(
        Give, [Call(callId), Snapshot(redis, callId), Lease(to)], [node, epoch, Milliseconds(times.Keep), to]).ConfigureAwait(false) == 1;

    /// <inheritdoc/>
    public async ValueTask EndAsync(string callId, long epoch) => await redis.RunAsync(
        End, [Call(callId), Snapshot(redis, callId)], [node, epoch, Milliseconds(times.Remembered)]).ConfigureAwait(false);

    /// <summary>The key of a call's entry.</summary>
    internal static RedisKey Call(RedisLink redis, string callId) => redis.Key("call:" + callId);

    /// <summary>The key of a call's snapshot.</summary>
    internal static RedisKey Snapshot(RedisLink redis, string callId) => redis.Key("snapshot:" + callId);

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    private static CallOwner? Owner(string callId, RedisValue[] held) =>
        held is [var owner, var epoch, var over] && (string?)owner is { } name && epoch.TryParse(out long number)
            ? new CallOwner(callId, name, number, !over.IsNull)
            : null;

    private static NodeReport? Report(string? json)
    {
        try
        {
            var report = JsonSerializer.Deserialize<NodeReport>(json ?? "null", JsonSerializerOptions.Web);
            return report is { Id: not null, Name: not null, Roles: not null } ? report : null;
        }
        catch (JsonException)
        {
            // Of a version that writes it otherwise.
            return null;
        }
    }

    private RedisKey Call(string callId) => Call(redis, callId);

    private RedisKey Lease(string of) => redis.Key("lease:" + of);

    private RedisKey Token(string hash) => redis.Key("token:" + hash);
}
