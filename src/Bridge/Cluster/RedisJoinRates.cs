using Bridge.Configuration;
using Bridge.Limits;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Cluster;

/// <summary>A token bucket for each caller or address, filled by the clock of Redis.</summary>
internal sealed class RedisJoinRates(RedisLink redis, IOptions<BridgeOptions> options) : IJoinRates
{
    // KEYS: the bucket. ARGV: tokens at most, milliseconds of a token. Milliseconds until the next token, or 0 when one was taken.
    private const string Take =
        """
        local clock = redis.call('TIME')
        local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
        local most, every = tonumber(ARGV[1]), tonumber(ARGV[2])
        local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens = math.min(most, (tonumber(held[1]) or most) + (now - (tonumber(held[2]) or now)) / every)
        if tokens < 1 then
          return math.ceil((1 - tokens) * every)
        end
        redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - 1), 'at', string.format('%.0f', now))
        redis.call('PEXPIRE', KEYS[1], math.ceil(most * every))
        return 0
        """;

    /// <inheritdoc/>
    public async ValueTask TakeAsync(string account)
    {
        var limits = options.Value.Limits;
        long wait;
        try
        {
            wait = (long)await redis.RunAsync(Take, [redis.Key("joins:" + account)], [limits.Joins, (long)(limits.JoinSeconds * 1_000)])
                .ConfigureAwait(false);
        }
        catch (ClusterAwayException)
        {
            // This node's own limits stay.
            return;
        }

        if (wait > 0)
        {
            throw new SignalRefusal(
                SignalCodes.TooMany, "Too many calls were opened by this caller or from this address; wait a moment.",
                TimeSpan.FromMilliseconds(wait));
        }
    }
}
