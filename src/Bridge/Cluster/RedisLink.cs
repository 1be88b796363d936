using Bridge.Configuration;
using StackExchange.Redis;

namespace Bridge.Cluster;

/// <summary>
/// The one connection of a node to Redis. Each operation has a deadline of our own, because a server that stands still would hold it
/// for seconds.
/// </summary>
internal sealed class RedisLink : IAsyncDisposable
{
    /// <summary>The deadline of an operation that a page waits for.</summary>
    public static readonly TimeSpan JoinTime = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);

    private readonly ConfigurationOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _deadline;
    private readonly string _prefix;
    private ConnectionMultiplexer? _redis;

    /// <param name="configuration"><c>HOST:PORT,...</c> as StackExchange.Redis reads it.</param>
    /// <param name="time">Measures the deadlines.</param>
    /// <param name="deadline">The deadline of an operation; <see cref="JoinTime"/> when absent.</param>
    /// <exception cref="HostStartException">It can't be read.</exception>
    public RedisLink(string configuration, TimeProvider time, TimeSpan? deadline = null)
    {
        _options = Read(configuration);
        _time = time;
        _deadline = deadline ?? JoinTime;

        // In braces: all keys of a cluster lie in one slot, where the scripts may use several.
        _prefix = $"{{bridge{_options.DefaultDatabase ?? 0}}}:";
    }

    /// <summary>The connection is back after it was lost. Raised on a thread of the connection.</summary>
    public event Action? Restored;

    /// <summary>True while there is no connection: operations fail at once.</summary>
    public bool IsAway => _redis is not { IsConnected: true };

    /// <summary>Publishes and subscribes.</summary>
    public ISubscriber Subscriber => Redis.GetSubscriber();

    private ConnectionMultiplexer Redis => _redis ?? throw new ClusterAwayException("Redis is not connected yet.");

    /// <summary>Reads a configuration of Redis.</summary>
    /// <exception cref="HostStartException">It can't be read.</exception>
    public static ConfigurationOptions Read(string configuration)
    {
        try
        {
            var options = ConfigurationOptions.Parse(configuration);
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = 2_000;
            options.AsyncTimeout = 2_000;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.ReconnectRetryPolicy = new LinearRetry(250);
            options.ClientName = "bridge";
            return options.EndPoints.Count > 0
                ? options
                : throw new HostStartException("Redis: no server is named; it looks like HOST:6379.");
        }
        catch (ArgumentException unreadable)
        {
            throw new HostStartException($"Redis: {unreadable.Message}");
        }
    }

    /// <summary>Connects. Later losses are repaired by reconnecting in the background.</summary>
    /// <exception cref="ClusterAwayException">No server answers.</exception>
    public async Task ConnectAsync()
    {
        _redis = await ConnectionMultiplexer.ConnectAsync(_options).ConfigureAwait(false);
        _redis.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive)
            {
                Restored?.Invoke();
            }
        };
        await RunAsync(static redis => redis.PingAsync(), ConnectTime).ConfigureAwait(false);
    }

    /// <summary>The whole name of a key or channel.</summary>
    public string Name(string name) => _prefix + name;

    /// <summary>The whole name of a key.</summary>
    public RedisKey Key(string name) => _prefix + name;

    /// <summary>Runs a script within the connection's deadline.</summary>
    /// <exception cref="ClusterAwayException">There was no answer in time. The script may have run, or may run yet.</exception>
    public Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values) =>
        RunAsync(redis => redis.ScriptEvaluateAsync(script, keys, values));

    /// <summary>Does something within a time.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="within">The time; the connection's deadline when absent.</param>
    /// <exception cref="ClusterAwayException">There was no answer in time. It may have been done, or may be done yet.</exception>
    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> operation, TimeSpan? within = null)
    {
        Task<T>? running = null;
        try
        {
            running = operation(Redis.GetDatabase());
            return await running.WaitAsync(within ?? _deadline, _time).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Nobody waits for it any more; its own end is no defect.
            _ = running?.ContinueWith(
                static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new ClusterAwayException("Redis does not answer.", failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_redis is { } redis)
        {
            await redis.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
            await redis.DisposeAsync().ConfigureAwait(false);
        }
    }
}
