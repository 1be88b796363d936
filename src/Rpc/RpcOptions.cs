using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>Deadlines and bounds of one <see cref="RpcPeer"/>.</summary>
public sealed record RpcOptions
{
    /// <summary>
    /// How long the other side may take to show that it has a request (<c>$/received</c>, progress or the response). 2 s.
    /// </summary>
    public TimeSpan AckDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the other side may take to answer. 15 s.</summary>
    public TimeSpan ResponseDeadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Deadlines of single methods, where they differ from the two above.</summary>
    public IReadOnlyDictionary<string, RpcDeadlines> MethodDeadlines { get; init; } = new Dictionary<string, RpcDeadlines>();

    /// <summary>A request whose handler is still busy after this time is acknowledged with <c>$/received</c>. 100 ms.</summary>
    internal static readonly TimeSpan ReceivedNotice = TimeSpan.FromMilliseconds(100);

    /// <summary>Largest message in bytes, either way; a port that allows less wins. 256 kB.</summary>
    public int MaxMessageSize { get; init; } = 262_144;

    /// <summary>Deepest nesting of objects and arrays that is accepted. 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Largest number of messages in one batch. 128.</summary>
    internal const int MaxBatchCount = 128;

    /// <summary>
    /// Largest number of own requests that wait for a response. 4,096; more are refused with <see cref="RpcErrorCode.Overloaded"/>.
    /// </summary>
    public int MaxPendingRequests { get; init; } = 4_096;

    /// <summary>
    /// Largest number of requests of the other side that are being handled. 1,024; more are answered with
    /// <see cref="RpcErrorCode.Overloaded"/>.
    /// </summary>
    public int MaxIncomingRequests { get; init; } = 1_024;

    /// <summary>Nothing more is given to the port while it holds this many bytes. 1 MB.</summary>
    public long HighWater { get; init; } = 1 << 20;

    /// <summary>
    /// Bytes that may wait here for the port: then notifications are dropped and requests wait. As much again is kept for
    /// responses and the protocol's own messages. 4 MB.
    /// </summary>
    public long MaxQueuedBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Ids of requests are higher than this. A peer that stands in for one that crashed begins where the other never came to, so that
    /// a late answer to the dead one answers no request of its own. 0.
    /// </summary>
    public long LastId { get; init; }

    /// <summary>Bytes of unanswered once-only requests kept to be sent again. 16 MB.</summary>
    internal const long MaxRetainedBytes = 16 << 20;

    /// <summary>How params and results are written. Web defaults: camelCase.</summary>
    public JsonSerializerOptions Serializer { get; init; } = JsonSerializerOptions.Web;

    /// <summary>
    /// Told of every exception that a handler, a progress receiver or a port lets out (method, exception), so that the host can
    /// log it: the wire carries the message alone.
    /// </summary>
    public Action<string, Exception>? Fault { get; init; }
}
