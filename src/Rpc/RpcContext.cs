using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>What a handler knows of the request it answers.</summary>
public sealed class RpcContext
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _cancel;
    private bool _cancelled;
    private volatile Asker? _asker;

    internal RpcContext(RpcPeer peer, string method, JsonElement parameters, Asker? asker)
    {
        Peer = peer;
        Method = method;
        Parameters = parameters;
        _asker = asker;
    }

    /// <summary>The peer it came through: a handler may ask back on it.</summary>
    public RpcPeer Peer { get; }

    /// <summary>The method's name.</summary>
    public string Method { get; }

    /// <summary>The model's call_id of a once-only request, else null.</summary>
    public string? CallId { get; internal set; }

    /// <summary>True when nobody waits for an answer.</summary>
    public bool IsNotification => _asker is null;

    /// <summary>True when the asker gave a <c>workDoneToken</c>.</summary>
    public bool WantsProgress => !IsNotification && TryGetToken(out _);

    /// <summary>Set by <c>$/cancelRequest</c>, by the acknowledgement of a call that still runs, and by disposal.</summary>
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

    internal JournalEntry? Entry { get; set; }

    /// <summary>The latest request that waits for this run.</summary>
    internal Asker? Asker
    {
        get => _asker;
        set => _asker = value;
    }

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

    /// <summary>Sends a <c>$/progress</c> value; false when none was asked for, the asker is gone, or there was no room for it.</summary>
    public bool Report(object? value) =>
        _asker is { } asker && TryGetToken(out var token) && asker.Peer.SendProgress(asker, token, value);

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
