namespace Bridge.Cluster;

/// <summary>Snapshots in Redis; each expires with its call's entry.</summary>
internal sealed class RedisSnapshots(RedisLink redis, string node, ClusterTimes times) : ICallSnapshots
{
    private const string Save =
        """
        local held = redis.call('HMGET', KEYS[1], 'node', 'epoch', 'over')
        if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] or held[3] then
          return 0
        end
        redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
        return 1
        """;

    /// <inheritdoc/>
    public async ValueTask<bool> SaveAsync(string callId, long epoch, ReadOnlyMemory<byte> content) =>
        (long)await redis.RunAsync(
            Save,
            [RedisDirectory.Call(redis, callId), RedisDirectory.Snapshot(redis, callId)],
            [node, epoch, content, (long)times.Keep.TotalMilliseconds]).ConfigureAwait(false) == 1;

    /// <inheritdoc/>
    public async ValueTask<byte[]?> LoadAsync(string callId) =>
        (byte[]?)await redis.RunAsync(database => database.StringGetAsync(RedisDirectory.Snapshot(redis, callId))).ConfigureAwait(false);
}
