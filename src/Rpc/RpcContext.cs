namespace Bridge.Rpc;

/// <summary>What a handler knows of the request it answers.</summary>
public sealed class RpcContext
{
    internal RpcContext(RpcPeer peer, string method)
    {
        Peer = peer;
        Method = method;
    }

    /// <summary>The peer it came through: a handler may ask back on it.</summary>
    public RpcPeer Peer { get; }

    /// <summary>The method's name.</summary>
    public string Method { get; }

    /// <summary>The model's call_id of a once-only request, else null.</summary>
    public string? CallId { get; internal set; }

    /// <summary>True when nobody waits for an answer.</summary>
    public bool IsNotification { get; internal set; }

    /// <summary>True when the asker gave a <c>workDoneToken</c>.</summary>
    public bool WantsProgress { get; internal set; }

    /// <summary>Set by <c>$/cancelRequest</c>, by the acknowledgement of a call that still runs, and by disposal.</summary>
    public CancellationToken CancellationToken { get; internal set; }

    /// <summary>Sends a <c>$/progress</c> value; false when none was asked for or there was no room for it.</summary>
    public bool Report(object? value) => throw new NotImplementedException();
}
