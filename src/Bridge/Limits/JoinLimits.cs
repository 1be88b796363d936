using System.Net;
using System.Threading.RateLimiting;
using Bridge.Access;
using Bridge.Configuration;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Limits;

/// <summary>
/// Bounds of the calls that are opened, of their number and rate, and of their negotiations: by address for callers without a ticket, by
/// caller for those with a ticket, whose address may be shared with others. May be used from any thread.
/// </summary>
internal sealed class JoinLimits : IDisposable
{
    /// <summary>When a place may be free again: calls end at no foreseeable time.</summary>
    private static readonly TimeSpan PlaceRetry = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan OfferEvery = TimeSpan.FromMilliseconds(200);

    private readonly PartitionedRateLimiter<Client> _joins;
    private readonly PartitionedRateLimiter<Client> _offers;
    private readonly PartitionedRateLimiter<Client> _calls;

    public JoinLimits(IOptions<BridgeOptions> options)
    {
        var limits = options.Value.Limits;
        _joins = Buckets(limits.Joins, TimeSpan.FromSeconds(limits.JoinSeconds));
        _offers = Buckets(limits.OffersPerAddress, OfferEvery);
        _calls = PartitionedRateLimiter.Create<Client, (Client, int)>(client =>
        {
            var places = client.Subject is null ? limits.CallsPerAddress : client.Concurrent ?? limits.CallsPerCaller;
            return RateLimitPartition.GetConcurrencyLimiter(
                (client, places), _ => new ConcurrencyLimiterOptions { PermitLimit = places, QueueLimit = 0 });
        });
    }

    /// <summary>Takes a place for one call; it is given back by disposal.</summary>
    /// <exception cref="SignalRefusal"><c>too_many</c>, with the time until another try.</exception>
    public IDisposable Enter(Caller caller, IPAddress? address)
    {
        var client = Client.Of(caller, address);
        var one = caller.IsVerified;
        Take(_joins.AttemptAcquire(client), SignalCodes.TooMany, one
            ? "This caller has opened too many calls; wait a moment."
            : "Too many calls were opened from this address; wait a moment.").Dispose();
        return Take(_calls.AttemptAcquire(client), SignalCodes.TooMany, one
            ? "This caller holds as many calls as one caller may."
            : "As many calls are held from this address as one address may.");
    }

    /// <summary>Counts an offer of one of a client's calls.</summary>
    /// <exception cref="SignalRefusal"><c>slow_down</c>, with the time until another try.</exception>
    public void Offer(Caller caller, IPAddress? address) => Take(
        _offers.AttemptAcquire(Client.Of(caller, address)), SignalCodes.SlowDown, caller.IsVerified
            ? "This caller's calls have had too many offers; wait a moment."
            : "The calls of this address have had too many offers; wait a moment.").Dispose();

    public void Dispose()
    {
        _joins.Dispose();
        _offers.Dispose();
        _calls.Dispose();
    }

    private static PartitionedRateLimiter<Client> Buckets(int atOnce, TimeSpan every) => PartitionedRateLimiter.Create<Client, Client>(
        client => RateLimitPartition.GetTokenBucketLimiter(client with { Concurrent = null }, _ => Bucket.Options(atOnce, every)));

    private static RateLimitLease Take(RateLimitLease lease, string code, string sentence)
    {
        if (lease.IsAcquired)
        {
            return lease;
        }

        var retryAfter = Bucket.RetryAfter(lease, PlaceRetry);
        lease.Dispose();
        throw new SignalRefusal(code, sentence, retryAfter);
    }

    /// <summary>One client to the limits: a caller whom a ticket names, or an address.</summary>
    private readonly record struct Client(string? Subject, ClientAddress Address, int? Concurrent)
    {
        public static Client Of(Caller caller, IPAddress? address) => caller.Subject is { } subject
            ? new Client(subject, default, caller.Concurrent)
            : new Client(null, ClientAddress.Of(address), null);
    }
}
