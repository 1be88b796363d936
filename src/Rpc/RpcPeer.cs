using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>
/// One side of a JSON-RPC 2.0 conversation. Both sides are equal: each asks, answers, notifies, cancels and reports
/// progress, also from inside a handler. It outlives its port: see <see cref="Attach"/>. All members may be called from
/// any thread. docs/rpc.md is the wire contract.
/// </summary>
public sealed class RpcPeer : IAsyncDisposable
{
    /// <summary>A peer without a port: requests with a call_id wait for one, others fail with <see cref="RpcErrorCode.Disconnected"/>.</summary>
    public RpcPeer(RpcOptions options, TimeProvider time) => throw new NotImplementedException();

    /// <summary>Counters, for metrics.</summary>
    public RpcStats Stats => throw new NotImplementedException();

    /// <summary>
    /// Begins to send on a port, in place of the one before it. Unanswered once-only requests are asked again in their
    /// order, and the last answered call_ids are acknowledged again.
    /// </summary>
    public void Attach(IMessagePort port) => throw new NotImplementedException();

    /// <summary>The port is gone: once-only requests wait for the next one, others fail with <see cref="RpcErrorCode.Disconnected"/>.</summary>
    public void Detach() => throw new NotImplementedException();

    /// <summary>Stops all deadlines, while the path below is known to be interrupted (ICE disconnected).</summary>
    public void Pause() => throw new NotImplementedException();

    /// <summary>Deadlines run on with the time they had left.</summary>
    public void Resume() => throw new NotImplementedException();

    /// <summary>The port has room again (its buffered amount is low). Optional: the peer looks by itself every 10 ms while something waits.</summary>
    public void Flush() => throw new NotImplementedException();

    /// <summary>
    /// Takes one message from the port. Handlers start here, in order of arrival, on this thread: up to their first await
    /// they must be short. Never throws on what the other side sent.
    /// </summary>
    public void Receive(ReadOnlySpan<byte> message) => throw new NotImplementedException();

    /// <summary>
    /// Answers a method, as request and as notification. The params are <see cref="JsonValueKind.Undefined"/> when absent.
    /// The result is any value the serializer can write; exceptions become error responses.
    /// </summary>
    public void Handle(string method, Func<JsonElement, RpcContext, ValueTask<object?>> handler) => throw new NotImplementedException();

    /// <summary>
    /// Answers a method at most once per <c>params.callId</c>: the result is kept in the journal until it is acknowledged,
    /// and a repeated request gets it without running the handler again.
    /// </summary>
    public void HandleOnce(string method, Func<JsonElement, RpcContext, ValueTask<object?>> handler) => throw new NotImplementedException();

    /// <summary>
    /// Asks and waits for the result. Throws <see cref="RpcException"/> with the other side's error, or a timeout,
    /// disconnect, too large, duplicate or overload of ours; <see cref="OperationCanceledException"/> when cancelled here,
    /// in which case the other side is told.
    /// </summary>
    public Task<JsonElement> RequestAsync(string method, object? parameters, RpcCallOptions? options = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Tells without an answer. False when there is no port, no room, or the message is too large: it is then dropped and counted.</summary>
    public bool Notify(string method, object? parameters) => throw new NotImplementedException();

    /// <summary>Fails what waits with <see cref="RpcErrorCode.Disconnected"/>, cancels what runs, drops what is queued.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
