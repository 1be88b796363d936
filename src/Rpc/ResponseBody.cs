using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>The <c>result</c> or <c>error</c> member of a response, as UTF-8 text.</summary>
internal static class ResponseBody
{
    private const int MaxErrorMessage = 500;

    public static byte[] Result(object? result, JsonSerializerOptions serializer)
    {
        using var writer = MessageWriter.Rent();
        return writer.Raw("\"result\":"u8).Value(result, serializer).Written.ToArray();
    }

    public static byte[] Error(RpcErrorCode code, string message, JsonElement data = default)
    {
        using var writer = MessageWriter.Rent();
        return writer.Error((int)code, message, data).Written.ToArray();
    }

    /// <summary>A handler's exception: its message cut to 500 characters, without the stack.</summary>
    public static byte[] Failure(Exception exception)
    {
        var message = exception.Message;
        return Error(RpcErrorCode.HandlerFailed, message.Length > MaxErrorMessage ? message[..MaxErrorMessage] : message);
    }

    /// <summary>The exception that an error response becomes at its caller.</summary>
    public static RpcException ReadError(JsonElement error)
    {
        var hasCode = error.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number;
        var code = hasCode && number.TryGetInt32(out var value)
            ? (RpcErrorCode)value
            : RpcErrorCode.InternalError;
        var message = error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : "The other side gave no reason.";
        return error.TryGetProperty("data", out var data) ? new RpcException(code, message, data) : new RpcException(code, message);
    }
}
