using System.Threading.RateLimiting;
using Bridge.Configuration;

namespace Bridge.Limits;

/// <summary>How often the page of one call may do what costs the host or the model. May be used from any thread.</summary>
internal sealed class PageLimits(LimitOptions limits) : IDisposable
{
    private readonly TokenBucketRateLimiter _texts = Bucket(limits.Texts, TimeSpan.FromSeconds(1));
    private readonly TokenBucketRateLimiter _images = Bucket(limits.Images, TimeSpan.FromSeconds(2));
    private readonly TokenBucketRateLimiter _hellos = Bucket(limits.Hellos, TimeSpan.FromSeconds(1));
    private readonly TokenBucketRateLimiter _notifications = Bucket(limits.Notifications, TimeSpan.FromMilliseconds(20));

    /// <summary>Counts a text; false when it is one too many, with the time until the next.</summary>
    public bool TakesText(out TimeSpan retryAfter) => Takes(_texts, out retryAfter);

    /// <summary>Counts an image.</summary>
    public bool TakesImage(out TimeSpan retryAfter) => Takes(_images, out retryAfter);

    /// <summary>Counts a hello.</summary>
    public bool TakesHello(out TimeSpan retryAfter) => Takes(_hellos, out retryAfter);

    /// <summary>Counts a notification.</summary>
    public bool TakesNotification(out TimeSpan retryAfter) => Takes(_notifications, out retryAfter);

    public void Dispose()
    {
        _texts.Dispose();
        _images.Dispose();
        _hellos.Dispose();
        _notifications.Dispose();
    }

    // Replenished when it is asked: a timer for each bucket of each call would be many timers for nothing.
    private static bool Takes(TokenBucketRateLimiter bucket, out TimeSpan retryAfter)
    {
        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire();
        retryAfter = lease.IsAcquired ? TimeSpan.Zero
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : bucket.ReplenishmentPeriod;
        return lease.IsAcquired;
    }

    private static TokenBucketRateLimiter Bucket(int atOnce, TimeSpan every) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = atOnce,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = every,
        AutoReplenishment = false,
        QueueLimit = 0,
    });
}
