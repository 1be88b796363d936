using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>The request that a handler answers.</summary>
public sealed class RpcContext
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _cancel;
    private bool _cancelled;

    internal RpcContext(RpcPeer peer, string method, JsonElement parameters, IncomingRequest? request)
    {
        Peer = peer;
        Method = method;
        Parameters = parameters;
        Request = request;
    }

    /// <summary>The peer it came through: a handler may send requests of its own on it.</summary>
    public RpcPeer Peer { get; }

    /// <summary>The method's name.</summary>
    public string Method { get; }

    /// <summary>True when nobody waits for an answer.</summary>
    public bool IsNotification => Request is null;

    /// <summary>True when the request has a <c>workDoneToken</c>.</summary>
    public bool WantsProgress => !IsNotification && TryGetToken(out _);

    /// <summary>Set by <c>$/cancelRequest</c> and by disposal of the peer.</summary>
    public CancellationToken CancellationToken
    {
        get
        {
            lock (_gate)
            {
                _cancel ??= new CancellationTokenSource();
                if (_cancelled)
                {
                    _cancel.Cancel();
                }

                return _cancel.Token;
            }
        }
    }

    internal JsonElement Parameters { get; }

    internal IncomingRequest? Request { get; }

    internal bool IsCancelled
    {
        get
        {
            lock (_gate)
            {
                return _cancelled;
            }
        }
    }

    /// <summary>
    /// Sends a <c>$/progress</c> value; false when the request has no token, it is over, its channel is gone, or there was no
    /// room for it.
    /// </summary>
    public bool Report(object? value) => !IsNotification && TryGetToken(out var token) && Peer.SendProgress(this, token, value);

    /// <summary>Called without the peer's lock, because it runs callbacks of the handler's.</summary>
    internal void Cancel()
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            _cancelled = true;
            source = _cancel;
        }

        source?.Cancel();
    }

    private bool TryGetToken(out JsonElement token)
    {
        token = default;
        return Parameters.ValueKind == JsonValueKind.Object
            && Parameters.TryGetProperty("workDoneToken", out token)
            && token.ValueKind is JsonValueKind.String or JsonValueKind.Number;
    }
}
