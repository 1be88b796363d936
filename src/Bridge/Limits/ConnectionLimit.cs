using System.Globalization;
using System.Threading.RateLimiting;
using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Limits;

/// <summary>
/// Bound of the hub connections without a ticket that an address holds: each costs the host memory and a descriptor before it has
/// joined anything. Callers with a ticket are not counted. May be used from any thread.
/// </summary>
internal sealed class ConnectionLimit(IOptions<BridgeOptions> options) : IDisposable
{
    private const int RetrySeconds = 15;

    private readonly PartitionedRateLimiter<ClientAddress> _places = PartitionedRateLimiter.Create<ClientAddress, ClientAddress>(address =>
        RateLimitPartition.GetConcurrencyLimiter(
            address, _ => new ConcurrencyLimiterOptions { PermitLimit = options.Value.Limits.ConnectionsPerAddress, QueueLimit = 0 }));

    /// <summary>Middleware, after authentication: 429 for one connection too many.</summary>
    public async Task Check(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments("/signal", StringComparison.OrdinalIgnoreCase)
            || context.User.Identity?.IsAuthenticated == true)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        using var place = _places.AttemptAcquire(ClientAddress.Of(context.Connection.RemoteIpAddress));
        if (place.IsAcquired)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = RetrySeconds.ToString(CultureInfo.InvariantCulture);
        await context.Response.WriteAsync(
            "too_many: As many connections are held from this address as one address may.", context.RequestAborted).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();
}
