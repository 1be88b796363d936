using System.Security.Cryptography;
using System.Text;
using Bridge.Configuration;
using Bridge.Realtime.OpenAi;
using Bridge.Rehearsal;
using Bridge.Rehearsal.Hosting;
using Bridge.Roles;
using Microsoft.Extensions.Options;

namespace Bridge.RehearsalHosting;

/// <summary>
/// The embedded rehearsal model: WebSocket endpoints on a loopback port that speak the Realtime and the Live protocol. Calls reach it
/// over a real socket with the same client code as the real service. A key made at start keeps others out.
/// </summary>
internal sealed class RehearsalHost : IDisposable
{
    /// <summary>Base path, where the real service has <c>/v1</c>.</summary>
    public const string BasePath = "/rehearsal/v1";

    private readonly string _key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly KeptScripts _kept = new();
    private readonly RehearsalServer _server;
    private readonly ILoggerFactory _logs;
    private readonly CancellationTokenSource _stopping = new();
    private RehearsalListener? _listener;

    public RehearsalHost(
        RoleCatalog roles, IOptions<BridgeOptions> options, TimeProvider time, ILoggerFactory logs)
    {
        _logs = logs;
        _server = new RehearsalServer(RehearsalVoices.Options(roles, options.Value.RehearsalVoice, time, kept: _kept));
    }

    /// <summary>The server itself, for faults and figures.</summary>
    public RehearsalServer Server => _server;

    /// <summary>Ends every session; called once the calls are over, for they may still want a recap.</summary>
    public void Stop() => _stopping.Cancel();

    /// <summary>Listens; before it, no session can be opened.</summary>
    public async Task StartAsync(CancellationToken cancellation) => _listener = await RehearsalListener.ServeAsync(
        _server, BasePath, IsOurs, _logs, _stopping.Token, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>How the host's own client reaches the rehearsal model of a role.</summary>
    public ModelEndpoint Endpoint(string slug) => Named(RehearsalVoices.ModelOf(slug));

    /// <summary>The same for a call's role: one that keeps its snapshot gets the snapshot's script in every session.</summary>
    public ModelEndpoint Endpoint(Role role) => role.Reload == ReloadPolicy.Snapshot ? Named(_kept.Keep(role)) : Endpoint(role.Slug);

    private ModelEndpoint Named(string model) => new()
    {
        BaseUrl = new Uri(_listener?.Address ?? throw new InvalidOperationException("The rehearsal model does not listen yet."), BasePath),
        Key = _key,
        Model = model,
    };

    private bool IsOurs(HttpContext context) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), Encoding.UTF8.GetBytes($"Bearer {_key}"));
}
