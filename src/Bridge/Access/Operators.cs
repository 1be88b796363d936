using System.Net;
using Bridge.Configuration;
using Bridge.Signaling;
using Microsoft.Extensions.Options;

namespace Bridge.Access;

/// <summary>Tells operators of this host from everybody else.</summary>
internal sealed class Operators(
    OperatorKey key, ForwardingSeen forwarding, HostFilter hosts, IOptions<BridgeOptions> options, BridgeMount mount)
{
    /// <summary>Key of <c>HttpContext.Items</c> under which a person is left whom the application's operator policy takes.</summary>
    public const string PolicyItem = "bridge.operator";

    private const string Scheme = "Bearer ";
    private readonly bool _loopback = mount.Loopback;

    // Each of them says that pages of other machines come, by a proxy or an address of this one.
    private readonly bool _serves = options.Value is { HostNames.Count: > 0 } or { Proxies.Count: > 0 } or { PublicAddresses.Count: > 0 };

    /// <summary>
    /// True for a request with the operators' key, or of a person whom the identity provider gives the operators' role or whom the
    /// application's policy takes (<see cref="AccessOptions.OperatorPolicy"/>). The key that the host made for itself counts only while
    /// it is bound to loopback and no proxy has shown itself. A sign-in counts for requests of this host's own pages alone: a browser
    /// adds its cookie also where another page of the same site asks.
    /// </summary>
    public bool Includes(HttpContext context) => PresentsKey(context) || (IsSignedIn(context) && IsOwnPage(context.Request));

    /// <summary>
    /// True for the developer at this machine, who is shown where a role is broken. That is no secret worth a key: the bar is a
    /// loopback binding, a loopback address on both sides, and that no proxy has shown itself.
    /// </summary>
    public bool IsDeveloper(HttpContext context) =>
        _loopback && !forwarding.Any
        && context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && Binding.IsLoopbackName(context.Request.Host.Host.Trim('[', ']'));

    /// <summary>
    /// Middleware that marks hub connections of a page on this machine, for which the model session opens at the join. That is no
    /// more than a head start: one that is wrongly marked is held by the limits, and by the time an offer has.
    /// </summary>
    public Task MarkLocal(HttpContext context, RequestDelegate next)
    {
        if (!_serves && IsDeveloper(context))
        {
            context.Items[HubCaller.LocalItem] = true;
        }

        return next(context);
    }

    /// <summary>Requests of others are answered as if there was nothing here.</summary>
    public async ValueTask<object?> Require(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        Includes(context.HttpContext) ? await next(context).ConfigureAwait(false) : Results.NotFound();

    // Browsers name the origin with everything but GET and HEAD of the same one (Fetch standard, "append a request Origin header").
    private bool IsOwnPage(HttpRequest request) => request.Headers.Origin.ToString() is { Length: > 0 } origin
        ? Uri.TryCreate(origin, UriKind.Absolute, out var uri) && hosts.IsOwnOrigin(uri, request)
        : HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private bool IsSignedIn(HttpContext context) =>
        context.Items.ContainsKey(PolicyItem)
        || (options.Value.Access.Oidc.OperatorRole is { Length: > 0 } role && context.User.HasClaim(SignIn.OperatorClaim, role));

    private bool PresentsKey(HttpContext context)
    {
        var presented = context.Request.Headers.Authorization.ToString();
        return presented.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && key.Is(presented[Scheme.Length..].Trim())
            && (key.File is null || (_loopback && !forwarding.Any));
    }
}
