using Microsoft.Extensions.Options;

namespace Bridge.Tools;

/// <summary>The services that the dispatchers of all calls share: options, secrets, the clients of web hooks.</summary>
internal sealed class ToolServices : IDisposable
{
    private readonly SocketsHttpHandler _publicConnections;
    private readonly SocketsHttpHandler _anyConnections;
    private readonly IServiceScopeFactory? _scopes;

    public ToolServices(
        IOptions<ToolOptions> options, TimeProvider time, GuardedNetwork? network = null, ApplicationTools? application = null,
        IServiceScopeFactory? scopes = null)
    {
        Options = options.Value;
        Time = time;
        Application = application ?? new ApplicationTools();
        _scopes = scopes;
        _publicConnections = GuardedHttp.CreateConnections(allowPrivate: false, network);
        _anyConnections = GuardedHttp.CreateConnections(allowPrivate: true, network);
        PublicClient = GuardedHttp.CreateClient(_publicConnections);
        AnyClient = GuardedHttp.CreateClient(_anyConnections);
    }

    public ToolOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>The functions of the application around the Bridge.</summary>
    public ApplicationTools Application { get; }

    /// <summary>Refuses to connect to addresses inside the network.</summary>
    public HttpClient PublicClient { get; }

    /// <summary>Connects to any address; for tools whose role asks for it, on hosts that allow it.</summary>
    public HttpClient AnyClient { get; }

    /// <summary>The client of a web hook: it goes to addresses inside the network when role and host both allow that.</summary>
    public HttpClient ClientFor(HttpToolSettings hook) => hook.AllowPrivate && Options.AllowPrivateAddresses ? AnyClient : PublicClient;

    /// <summary>A client for one MCP server, so that what that server never answers can be cancelled alone.</summary>
    public HttpClient CreateMcpClient() => GuardedHttp.CreateClient(Options.AllowPrivateAddresses ? _anyConnections : _publicConnections);

    /// <summary>A scope of the application's services, for one function call.</summary>
    public AsyncServiceScope CreateScope() =>
        (_scopes ?? throw new InvalidOperationException("Functions of an application need its services.")).CreateAsyncScope();

    /// <summary>The host's secret of that name; null when there is none.</summary>
    public SecretOptions? Secret(string name) =>
        Options.Secrets.TryGetValue(name, out var secret) ? secret
        : Environment.GetEnvironmentVariable("BRIDGE_SECRET_" + name) is { } value ? new SecretOptions { Value = value }
        : null;

    public void Dispose()
    {
        PublicClient.Dispose();
        AnyClient.Dispose();
        _publicConnections.Dispose();
        _anyConnections.Dispose();
    }
}
