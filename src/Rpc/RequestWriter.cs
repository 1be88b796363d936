using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>Writes requests: the caller's params, with <c>callId</c> and <c>workDoneToken</c> added where they are wanted.</summary>
internal static class RequestWriter
{
    /// <summary>Writes the whole message; throws <see cref="ArgumentException"/> for params that can't carry what is added.</summary>
    public static void Write(MessageWriter writer, PendingRequest request, object? parameters, JsonSerializerOptions serializer)
    {
        writer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Number(request.Id).Raw(",\"method\":"u8).String(request.Method);
        var adds = request.CallId is not null || request.Progress is not null;
        if (parameters is not null || adds)
        {
            writer.Raw(",\"params\":"u8);
            var start = writer.Written.Length;
            if (parameters is null)
            {
                writer.Raw("{}"u8);
            }
            else
            {
                writer.Value(parameters, serializer);
            }

            if (adds)
            {
                AddMembers(writer, start, request);
            }
        }

        writer.Raw("}"u8);
    }

    private static void AddMembers(MessageWriter writer, int start, PendingRequest request)
    {
        var parameters = JsonElement.Parse(writer.Written[start..]);
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("The params of a once-only request, or of one with progress, are an object.");
        }

        var hasCallId = parameters.TryGetProperty("callId", out var callId);
        if (hasCallId && request.CallId is not null && !(callId.ValueKind == JsonValueKind.String && callId.ValueEquals(request.CallId)))
        {
            throw new ArgumentException("The params hold another callId than the request's options.");
        }

        var empty = parameters.GetPropertyCount() == 0;
        writer.TakeBack(1); // the closing brace
        if (request.CallId is not null && !hasCallId)
        {
            writer.Raw(empty ? "\"callId\":"u8 : ",\"callId\":"u8).String(request.CallId);
            empty = false;
        }

        if (request.Progress is not null)
        {
            writer.Raw(empty ? "\"workDoneToken\":"u8 : ",\"workDoneToken\":"u8).Number(request.Id);
        }

        writer.Raw("}"u8);
    }
}
