using System.Net;
using System.Security.Cryptography;
using System.Text;
using Bridge.Configuration;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal;
using Bridge.Roles;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Bridge.RehearsalHosting;

/// <summary>
/// The embedded rehearsal model: a WebSocket endpoint of this host that speaks the Realtime protocol. Calls reach it
/// over a real socket with the same client code as the real service. A key made at start keeps others out.
/// </summary>
internal sealed class RehearsalHost : IDisposable
{
    /// <summary>Base path, where the real service has <c>/v1</c>.</summary>
    public const string BasePath = "/rehearsal/v1";

    private readonly string _key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly KeptScripts _kept = new();
    private readonly RehearsalServer _server;
    private readonly IServer _web;
    private readonly CancellationTokenSource _stopping = new();

    public RehearsalHost(
        RoleCatalog roles, IOptions<BridgeOptions> options, TimeProvider time, IServer web)
    {
        _web = web;
        _server = new RehearsalServer(RehearsalVoices.Options(roles, options.Value.RehearsalVoice, time, kept: _kept));
    }

    /// <summary>The server itself, for faults and figures.</summary>
    public RehearsalServer Server => _server;

    /// <summary>Ends every session; called once the calls are over, for they may still want a recap.</summary>
    public void Stop() => _stopping.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>How the host's own client reaches the rehearsal model of a role.</summary>
    public ModelEndpoint Endpoint(string slug) => Named(RehearsalVoices.ModelOf(slug));

    /// <summary>The same for a call's role: one that keeps its snapshot gets the snapshot's script in every session.</summary>
    public ModelEndpoint Endpoint(Role role) => role.Reload == ReloadPolicy.Snapshot ? Named(_kept.Keep(role)) : Endpoint(role.Slug);

    private ModelEndpoint Named(string model) => new()
    {
        BaseUrl = new Uri(LocalAddress(), BasePath),
        Key = _key,
        Model = model,
    };

    /// <summary>Maps the endpoint.</summary>
    public void Map(WebApplication app) =>
        app.MapRehearsal(BasePath + "/realtime", _server, IsOurs, _stopping.Token).ExcludeFromDescription();

    private bool IsOurs(HttpContext context) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), Encoding.UTF8.GetBytes($"Bearer {_key}"));

    private Uri LocalAddress()
    {
        var address = _web.Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(a => a.Replace("://*", "://[::]", StringComparison.Ordinal).Replace("://+", "://[::]", StringComparison.Ordinal))
            .Select(a => new Uri(a))
            .OrderBy(a => a.Scheme == Uri.UriSchemeHttp ? 0 : 1)
            .FirstOrDefault() ?? throw new InvalidOperationException("The HTTP server has no address yet.");
        var builder = new UriBuilder(address);
        if (IPAddress.TryParse(builder.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
        {
            builder.Host = "127.0.0.1";
        }

        return builder.Uri;
    }
}
