using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>A request of ours that waits for its response. Guarded by the peer's lock.</summary>
internal sealed class OutgoingCall(RpcPeer peer, long id, string method, string? callId, RpcDeadlines deadlines, IProgress<JsonElement>? progress)
    : TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public RpcPeer Peer { get; } = peer;

    public long Id { get; } = id;

    public string Method { get; } = method;

    public string? CallId { get; } = callId;

    public RpcDeadlines Deadlines { get; } = deadlines;

    public IProgress<JsonElement>? Progress { get; } = progress;

    /// <summary>The text: kept for good when it may be asked again, else only until it is sent.</summary>
    public byte[]? Message { get; set; }

    public CallStage Stage { get; set; }

    /// <summary>In the peer's running time, 100 ns; never while the message is still being written.</summary>
    public long AckDue { get; set; } = long.MaxValue;

    public long ResponseDue { get; set; } = long.MaxValue;

    public CancellationTokenRegistration Registration { get; set; }
}

/// <summary>How far an outgoing call is.</summary>
internal enum CallStage
{
    /// <summary>Its message is being written.</summary>
    New,
    /// <summary>Waits for room or for a port.</summary>
    Unsent,
    /// <summary>Given to the port or its queue.</summary>
    Asked,
    /// <summary>The other side has shown a sign of life.</summary>
    Acknowledged,
    /// <summary>Answered or given up.</summary>
    Over,
}
