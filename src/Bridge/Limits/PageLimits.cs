using System.Threading.RateLimiting;
using Bridge.Configuration;

namespace Bridge.Limits;

/// <summary>How often the page of one call may do what costs the host or the model. May be used from any thread.</summary>
internal sealed class PageLimits(LimitOptions limits) : IDisposable
{
    private readonly TokenBucketRateLimiter _texts = Bucket.Create(limits.Texts, TimeSpan.FromSeconds(1));
    private readonly TokenBucketRateLimiter _images = Bucket.Create(limits.Images, TimeSpan.FromSeconds(2));
    private readonly TokenBucketRateLimiter _hellos = Bucket.Create(limits.Hellos, TimeSpan.FromSeconds(1));
    private readonly TokenBucketRateLimiter _digits = Bucket.Create(limits.Digits, TimeSpan.FromMilliseconds(500));
    private readonly TokenBucketRateLimiter _notifications = Bucket.Create(limits.Notifications, TimeSpan.FromMilliseconds(20));

    /// <summary>Counts a text; false when it is one too many, with the time until the next.</summary>
    public bool TakesText(out TimeSpan retryAfter) => Bucket.Takes(_texts, out retryAfter);

    /// <summary>Counts an image.</summary>
    public bool TakesImage(out TimeSpan retryAfter) => Bucket.Takes(_images, out retryAfter);

    /// <summary>Counts a hello.</summary>
    public bool TakesHello(out TimeSpan retryAfter) => Bucket.Takes(_hellos, out retryAfter);

    /// <summary>Counts a notification.</summary>
    public bool TakesNotification(out TimeSpan retryAfter) => Bucket.Takes(_notifications, out retryAfter);

    /// <summary>Counts a key of a telephone keypad.</summary>
    public bool TakesDigit() => Bucket.Takes(_digits, out _);

    public void Dispose()
    {
        _digits.Dispose();
        _texts.Dispose();
        _images.Dispose();
        _hellos.Dispose();
        _notifications.Dispose();
    }
}
