using System.Threading.RateLimiting;

namespace Bridge.Limits;

/// <summary>Token buckets as all limits of calls use them: so many at once, and one more each period.</summary>
internal static class Bucket
{
    /// <summary>Settings of a bucket that a partitioned limiter keeps and fills.</summary>
    public static TokenBucketRateLimiterOptions Options(int atOnce, TimeSpan every) => new()
    {
        TokenLimit = atOnce,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = every,
        QueueLimit = 0,
    };

    /// <summary>
    /// A bucket of one call. It is filled when it is asked: a timer for each of each call would be many timers for nothing.
    /// </summary>
    public static TokenBucketRateLimiter Create(int atOnce, TimeSpan every)
    {
        var options = Options(atOnce, every);
        options.AutoReplenishment = false;
        return new TokenBucketRateLimiter(options);
    }

    /// <summary>Takes one from a bucket of <see cref="Create"/>; false when it is empty, with the time until the next.</summary>
    public static bool Takes(TokenBucketRateLimiter bucket, out TimeSpan retryAfter)
    {
        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire();
        retryAfter = lease.IsAcquired ? TimeSpan.Zero : RetryAfter(lease, bucket.ReplenishmentPeriod);
        return lease.IsAcquired;
    }

    /// <summary>When another try is worth while, as a limiter that refused says it.</summary>
    /// <param name="refused">The limiter's lease.</param>
    /// <param name="otherwise">For limiters that do not know.</param>
    public static TimeSpan RetryAfter(RateLimitLease refused, TimeSpan otherwise) =>
        refused.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : otherwise;
}
