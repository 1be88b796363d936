namespace Bridge.Rpc;

/// <summary>Error codes on the wire. JSON-RPC 2.0 §5.1, and ours from -32001 down; docs/rpc.md has a trace of each.</summary>
public enum RpcErrorCode
{
    /// <summary>No JSON, or no UTF-8.</summary>
    ParseError = -32700,
    /// <summary>JSON, but no request.</summary>
    InvalidRequest = -32600,
    /// <summary>There is no handler for this method.</summary>
    MethodNotFound = -32601,
    /// <summary>The params do not fit the method.</summary>
    InvalidParams = -32602,
    /// <summary>The other side broke its own rules.</summary>
    InternalError = -32603,
    /// <summary>No acknowledgement or no response within its deadline.</summary>
    Timeout = -32001,
    /// <summary>The channel went away and the request may not be sent again, or the peer was disposed.</summary>
    Disconnected = -32002,
    /// <summary>The message is larger than the negotiated size.</summary>
    PayloadTooLarge = -32003,
    /// <summary>The side that sent the request cancelled it.</summary>
    Cancelled = -32004,
    /// <summary>The call_id or the request id was used before; nothing is executed a second time.</summary>
    Duplicate = -32005,
    /// <summary>The handler threw. The message is the handler's own, without a stack.</summary>
    HandlerFailed = -32006,
    /// <summary>Too many requests in flight, or more than the other side keeps.</summary>
    Overloaded = -32007,
}
