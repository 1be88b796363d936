using Microsoft.Extensions.Options;

namespace Bridge.Tools;

/// <summary>What the dispatchers of all calls share: options, secrets, the clients of web hooks.</summary>
internal sealed class ToolServices : IDisposable
{
    public ToolServices(IOptions<ToolOptions> options, TimeProvider time, ILoggerFactory loggers, GuardedNetwork? network = null)
    {
        Options = options.Value;
        Time = time;
        Loggers = loggers;
        PublicClient = GuardedHttp.Create(allowPrivate: false, network);
        AnyClient = GuardedHttp.Create(allowPrivate: true, network);
    }

    public ToolOptions Options { get; }

    public TimeProvider Time { get; }

    public ILoggerFactory Loggers { get; }

    /// <summary>Refuses to connect to addresses inside the network.</summary>
    public HttpClient PublicClient { get; }

    /// <summary>Connects to any address; for tools whose role asks for it, on hosts that allow it.</summary>
    public HttpClient AnyClient { get; }

    /// <summary>The host's secret of that name; null when there is none.</summary>
    public string? Secret(string name) =>
        Options.Secrets.TryGetValue(name, out var value) ? value : Environment.GetEnvironmentVariable("BRIDGE_SECRET_" + name);

    public void Dispose()
    {
        PublicClient.Dispose();
        AnyClient.Dispose();
    }
}
