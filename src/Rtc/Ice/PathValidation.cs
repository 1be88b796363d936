namespace Bridge.Rtc.Ice;

/// <summary>
/// Asks the far end of a route for something that only a receiver there can know (RFC 9000 §8.2): an SCTP HEARTBEAT with a secret of
/// 64 bits goes there, and its answer may come from anywhere. It needs no timer: as long as the remote side sends, it is asked again.
/// </summary>
internal sealed class PathValidation(RouteTable routes)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);

    private Route? _asked;
    private Instant _askedAt;
    private ulong _secret;

    /// <summary>Whether a route is to be asked now.</summary>
    public bool Wants(Instant now, Route route) =>
        !routes.IsValidated(route) && (_asked != route || now - _askedAt >= AskAgainAfter);

    /// <summary>A route was asked.</summary>
    public void Asked(Instant now, Route route, ulong secret)
    {
        _asked = route;
        _askedAt = now;
        _secret = secret;
    }

    /// <summary>A HEARTBEAT was answered. True when that lets datagrams through which were withheld until now.</summary>
    public bool Answered(ulong secret)
    {
        if (_asked is not { } route || secret != _secret || secret == 0)
        {
            return false;
        }

        _asked = null;
        return routes.Validate(route);
    }
}
