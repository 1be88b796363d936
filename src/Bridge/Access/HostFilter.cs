using System.Net;
using Bridge.Configuration;
using Microsoft.Extensions.Options;

namespace Bridge.Access;

/// <summary>
/// Answers to the names of this host alone. A hostile page can let a name of its own resolve to this machine (DNS rebinding),
/// and is then of one origin with whatever answers; the name in the Host header gives it away. RFC 9110 §7.4.
/// </summary>
internal sealed class HostFilter
{
    private readonly bool _loopback;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _withoutTls = new(StringComparer.OrdinalIgnoreCase);

    public HostFilter(IOptions<BridgeOptions> options, BridgeMount mount)
    {
        _loopback = mount.Loopback;
        foreach (var name in options.Value.HostNames)
        {
            var uri = name.Contains("://", StringComparison.Ordinal) ? new Uri(name) : null;
            _names.Add(uri?.IdnHost ?? name);
            if (uri?.Scheme == Uri.UriSchemeHttp)
            {
                _withoutTls.Add(uri.IdnHost);
            }
        }
    }

    /// <summary>Middleware: refuses requests for names that are not this host's.</summary>
    public Task Check(HttpContext context, RequestDelegate next)
    {
        var name = context.Request.Host.Host;
        if (Answers(name))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        return context.Response.WriteAsync(
            $"host_not_allowed: This host has no name '{name}'. The operator of the Bridge can add it to Bridge:HostNames.");
    }

    /// <summary>True when this host served a page of that origin: same name and port, and the scheme that it is served with.</summary>
    public bool IsOwnOrigin(Uri origin, HttpRequest request)
    {
        var own = new UriBuilder(origin.Scheme, request.Host.Host, request.Host.Port ?? -1).Uri;
        if (!string.Equals(origin.Authority, own.Authority, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // A proxy that ends TLS may not say so: a name of the operator's is served by https unless it was named with http.
        return _names.Contains(origin.IdnHost) && !_withoutTls.Contains(origin.IdnHost)
            ? origin.Scheme == Uri.UriSchemeHttps
            : origin.Scheme == request.Scheme;
    }

    private bool Answers(string name) =>
        name.Length > 0
        && (_names.Contains(name)
            || Binding.IsLoopbackName(name.Trim('[', ']'))
            || (!_loopback && IPAddress.TryParse(name.Trim('[', ']'), out _)));
}
