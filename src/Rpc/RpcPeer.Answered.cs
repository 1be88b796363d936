using System.Text.Json;

namespace Bridge.Rpc;

public sealed partial class RpcPeer
{
    private void ReceiveResponse(in Envelope message)
    {
        OutgoingCall? call;
        lock (_gate)
        {
            if (message.Id is not { Text: null } id || !_outgoing.TryGetValue(id.Number, out call))
            {
                _rejected++;
                return;
            }

            if (call.CallId is not null)
            {
                Acknowledge(call.CallId);
            }

            Remove(call);
        }

        if (message.Kind == EnvelopeKind.Invalid)
        {
            call.TrySetException(new RpcException(RpcErrorCode.InternalError, $"The other side answered \"{call.Method}\" with something that is no response: {message.Problem}"));
        }
        else if (message.Error.IsEmpty)
        {
            call.TrySetResult(JsonElement.Parse(message.Result));
        }
        else
        {
            call.TrySetException(ReadError(JsonElement.Parse(message.Error)));
        }
    }

    private static RpcException ReadError(JsonElement error)
    {
        var code = error.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value)
            ? (RpcErrorCode)value
            : RpcErrorCode.InternalError;
        var message = error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : "The other side gave no reason.";
        return error.TryGetProperty("data", out var data) ? new RpcException(code, message, data) : new RpcException(code, message);
    }

    private void ReceiveProgress(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object
            || !parameters.TryGetProperty("token", out var token) || token.ValueKind != JsonValueKind.Number || !token.TryGetInt64(out var id)
            || !parameters.TryGetProperty("value", out var value))
        {
            Reject();
            return;
        }

        IProgress<JsonElement>? progress;
        lock (_gate)
        {
            progress = ShowSignOfLife(id)?.Progress;
        }

        try
        {
            progress?.Report(value);
        }
        catch (Exception exception)
        {
            _options.Fault?.Invoke("$/progress", exception);
        }
    }

    private OutgoingCall? ShowSignOfLife(long id)
    {
        if (!_outgoing.TryGetValue(id, out var call))
        {
            return null;
        }

        if (call.Stage == CallStage.Asked)
        {
            call.Stage = CallStage.Acknowledged;
            Arm(call.ResponseDue);
        }

        return call;
    }
}
