using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>
/// An error response: received from the other side, made here (deadline, disconnect), or thrown by a handler to answer with it.
/// </summary>
public sealed class RpcException : Exception
{
    /// <summary>An error with its code and a sentence a person or a model can act on.</summary>
    public RpcException(RpcErrorCode code, string message)
        : this(code, message, default)
    {
    }

    /// <summary>An error with JSON data beside the message.</summary>
    public RpcException(RpcErrorCode code, string message, JsonElement errorData)
        : base(message)
    {
        Code = code;
        ErrorData = errorData;
    }

    /// <summary>The error. Codes that are not named in <see cref="RpcErrorCode"/> pass through as numbers.</summary>
    public RpcErrorCode Code { get; }

    /// <summary>The error's <c>data</c> member; <see cref="JsonValueKind.Undefined"/> when there is none.</summary>
    public JsonElement ErrorData { get; }
}
