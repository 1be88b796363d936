using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>Settings of one request, beyond its method's defaults.</summary>
public sealed record RpcRequestOptions
{
    /// <summary>
    /// The model's <c>call_id</c>. It makes the request a once-only one: written into the params as <c>callId</c>, kept
    /// across <see cref="RpcPeer.Detach"/> and sent again after <see cref="RpcPeer.Attach"/>; the other side runs it at most once
    /// (docs/rpc.md §5). The params must be an object; a <c>callId</c> that it has already must be the same.
    /// </summary>
    public string? CallId { get; init; }

    /// <summary>Deadline of the first sign of life; null takes the method's.</summary>
    public TimeSpan? AckDeadline { get; init; }

    /// <summary>Deadline of the response; null takes the method's.</summary>
    public TimeSpan? ResponseDeadline { get; init; }

    /// <summary>
    /// Gets the values of <c>$/progress</c>, in order, on the thread that called <see cref="RpcPeer.Receive"/>. When set,
    /// the request id goes into the params as <c>workDoneToken</c> (LSP 3.17); the params must then be an object.
    /// </summary>
    public IProgress<JsonElement>? Progress { get; init; }
}
