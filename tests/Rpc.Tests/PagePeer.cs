using System.Text.Json;

namespace Bridge.Rpc.Tests;

/// <summary>
/// The page's side of the RPC for tests of the server's: an <see cref="RpcPeer"/> that can also handle a method once per
/// call_id. The page itself is TypeScript (src/Client); tests/Browser plays the two against each other.
/// </summary>
internal sealed class PagePeer(RpcOptions options, TimeProvider time, OnceJournal? journal = null) : IAsyncDisposable
{
    private readonly OnceJournal _journal = journal ?? new OnceJournal();

    public RpcPeer Rpc { get; } = new(options, time);

    public RpcStats Stats => Rpc.Stats;

    public OnceJournal Journal => _journal;

    public void Attach(IMessagePort port) => Rpc.Attach(port);

    public void Detach() => Rpc.Detach();

    public void Handle(string method, Func<JsonElement, RpcContext, ValueTask<object?>> handler) => Rpc.Handle(method, handler);

    public void HandleOnce(string method, Func<JsonElement, OnceContext, ValueTask<object?>> handler) =>
        Rpc.Handle(method, (parameters, request) =>
        {
            var (call, isNew) = _journal.Enter(parameters.GetProperty("callId").GetString()!, request);
            var result = call.Join(request);
            if (isNew)
            {
                _ = RunAsync(handler, parameters, call);
            }

            return new ValueTask<object?>(result);
        });

    public Task<JsonElement> RequestAsync(string method, object? parameters, RpcRequestOptions? options = null) =>
        Rpc.RequestAsync(method, parameters, options);

    public bool Notify(string method, object? parameters) => Rpc.Notify(method, parameters);

    public void Receive(ReadOnlySpan<byte> message)
    {
        Rpc.Receive(message);
        if (message.IndexOf("\"$/acknowledge\""u8) >= 0)
        {
            Acknowledge(message);
        }
    }

    public ValueTask DisposeAsync() => Rpc.DisposeAsync();

    private static async Task RunAsync(Func<JsonElement, OnceContext, ValueTask<object?>> handler, JsonElement parameters, OnceContext call)
    {
        try
        {
            call.Complete(Task.FromResult(await handler(parameters, call).ConfigureAwait(false)));
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            call.Complete(Task.FromException<object?>(new RpcException(RpcErrorCode.Cancelled, "The request was cancelled.")));
        }
        catch (Exception failure)
        {
            call.Complete(Task.FromException<object?>(failure));
        }
    }

    private void Acknowledge(ReadOnlySpan<byte> message)
    {
        JsonElement parameters;
        try
        {
            parameters = JsonElement.Parse(message).TryGetProperty("params", out var found) ? found : default;
        }
        catch (Exception refused) when (refused is JsonException or InvalidOperationException)
        {
            return; // The peer has answered with what is wrong.
        }

        if (parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("callIds", out var callIds)
            && callIds.ValueKind == JsonValueKind.Array)
        {
            foreach (var callId in callIds.EnumerateArray().Where(callId => callId.ValueKind == JsonValueKind.String))
            {
                _journal.Acknowledge(callId.GetString()!);
            }
        }
    }
}
