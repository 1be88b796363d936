using System.Net;
using System.Threading.RateLimiting;
using Bridge.Access;
using Bridge.Configuration;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Limits;

/// <summary>
/// How often and how many calls are opened: by address for strangers, by caller for those with a ticket, whose address may be
/// shared with a stranger's. May be used from any thread.
/// </summary>
internal sealed class JoinLimits : IDisposable
{
    /// <summary>When a place may be free again: calls end at no foreseeable time.</summary>
    private static readonly TimeSpan PlaceRetry = TimeSpan.FromSeconds(15);

    private readonly PartitionedRateLimiter<ClientAddress> _joinsByAddress;
    private readonly PartitionedRateLimiter<ClientAddress> _callsByAddress;
    private readonly PartitionedRateLimiter<Caller> _joinsByCaller;
    private readonly PartitionedRateLimiter<Caller> _callsByCaller;

    public JoinLimits(IOptions<BridgeOptions> options)
    {
        var limits = options.Value.Limits;
        _joinsByAddress = PartitionedRateLimiter.Create<ClientAddress, ClientAddress>(
            address => RateLimitPartition.GetTokenBucketLimiter(address, _ => Bucket(limits)));
        _callsByAddress = PartitionedRateLimiter.Create<ClientAddress, ClientAddress>(
            address => RateLimitPartition.GetConcurrencyLimiter(address, _ => Places(limits.CallsPerAddress)));
        _joinsByCaller = PartitionedRateLimiter.Create<Caller, string>(
            caller => RateLimitPartition.GetTokenBucketLimiter(caller.Subject!, _ => Bucket(limits)));
        _callsByCaller = PartitionedRateLimiter.Create<Caller, (string, int)>(caller =>
        {
            var places = caller.Concurrent ?? limits.CallsPerCaller;
            return RateLimitPartition.GetConcurrencyLimiter((caller.Subject!, places), _ => Places(places));
        });
    }

    /// <summary>Takes a place for one call; it is given back by disposal.</summary>
    /// <exception cref="SignalRefusal"><c>too_many</c>, with the time until another try.</exception>
    public IDisposable Enter(Caller caller, IPAddress? address)
    {
        if (caller.IsVerified)
        {
            Take(_joinsByCaller.AttemptAcquire(caller), "This caller has opened too many calls; wait a moment.").Dispose();
            return Take(_callsByCaller.AttemptAcquire(caller), "This caller holds as many calls as one caller may.");
        }

        var client = ClientAddress.Of(address);
        Take(_joinsByAddress.AttemptAcquire(client), "Too many calls were opened from this address; wait a moment.").Dispose();
        return Take(_callsByAddress.AttemptAcquire(client), "As many calls are held from this address as one address may.");
    }

    public void Dispose()
    {
        _joinsByAddress.Dispose();
        _callsByAddress.Dispose();
        _joinsByCaller.Dispose();
        _callsByCaller.Dispose();
    }

    private static RateLimitLease Take(RateLimitLease lease, string sentence)
    {
        if (lease.IsAcquired)
        {
            return lease;
        }

        var retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : PlaceRetry;
        lease.Dispose();
        throw new SignalRefusal(SignalCodes.TooMany, sentence, retryAfter);
    }

    private static TokenBucketRateLimiterOptions Bucket(LimitOptions limits) => new()
    {
        TokenLimit = limits.Joins,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(limits.JoinSeconds),
        QueueLimit = 0,
    };

    private static ConcurrencyLimiterOptions Places(int places) => new() { PermitLimit = places, QueueLimit = 0 };
}
