using System.Text.Json;

namespace Bridge.Rpc;

public sealed partial class RpcPeer
{
    private void ReceiveProtocol(ReadOnlySpan<char> method, JsonElement parameters)
    {
        switch (method)
        {
            case "$/cancelRequest":
                ReceiveCancel(parameters);
                break;
            case "$/progress":
                ReceiveProgress(parameters);
                break;
            case "$/received" when parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("id", out var id)
                && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number):
                lock (_gate)
                {
                    ShowSignOfLife(number);
                }

                break;
            case "$/acknowledge":
                ReceiveAcknowledge(parameters);
                break;
            default:
                Reject();
                break;
        }
    }

    private void ReceiveCancel(JsonElement parameters)
    {
        Asker? asker = null;
        if (parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("id", out var id)
            && RpcId.TryParse(System.Text.Encoding.UTF8.GetBytes(id.GetRawText()), out var known))
        {
            lock (_gate)
            {
                _askers.TryGetValue(known, out asker);
            }
        }

        if (asker?.Context is { } run)
        {
            Cancel(run);
        }
    }

    private void ReceiveAcknowledge(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("callIds", out var callIds) || callIds.ValueKind != JsonValueKind.Array)
        {
            Reject();
            return;
        }

        foreach (var callId in callIds.EnumerateArray())
        {
            if (callId.ValueKind == JsonValueKind.String && _journal.Acknowledge(callId.GetString()!) is { } run)
            {
                Cancel(run);
            }
        }
    }

    /// <summary>Sends a response, unless the port it was asked on is gone.</summary>
    private void Reply(Asker asker, byte[] body)
    {
        if (asker.Epoch != _epoch || !_askers.Remove(asker.Id))
        {
            return;
        }

        Send(asker.Id, body, asker.Batch);
        if (asker.Batch is not null)
        {
            CloseOne(asker.Epoch, asker.Batch);
        }
    }

    private void Send(RpcId? id, ReadOnlySpan<byte> body, BatchReply? batch)
    {
        using var writer = MessageWriter.Rent();
        writer.Response(id, body);
        var size = writer.Written.Length;
        var limit = _outbox.MaxMessageSize - (batch is null ? 0 : 2); // the brackets
        if (size > limit)
        {
            writer.Clear();
            writer.Response(id, ErrorBody(RpcErrorCode.PayloadTooLarge, $"The result is {size} bytes; a message is at most {limit}.", Data(new { size, limit })));
        }

        if (batch is not null)
        {
            batch.Add(writer.Written.ToArray());
        }
        else
        {
            SendReply(writer.Written);
        }
    }

    private void CloseOne(int epoch, BatchReply batch)
    {
        batch.Open--;
        if (batch.Open > 0 || epoch != _epoch)
        {
            return;
        }

        foreach (var array in batch.Arrays(_outbox.MaxMessageSize))
        {
            SendReply(array);
        }
    }

    private void SendReceived(Asker asker)
    {
        asker.NoticeDue = long.MaxValue;
        using var writer = MessageWriter.Rent();
        SendReply(writer.Notification("$/received").Raw(",\"params\":{\"id\":"u8).Id(asker.Id).Raw("}}"u8).Written);
    }

    private void RefuseText(int epoch, ReadOnlySpan<byte> message, int errorAt) =>
        Refuse(epoch, null, RpcErrorCode.ParseError, errorAt >= message.Length
            ? $"The message is no JSON: unexpected end at byte {errorAt}."
            : $"The message is no JSON, or nested too deep, at byte {errorAt}.");

    private void Refuse(int epoch, RpcId? id, RpcErrorCode code, string message, BatchReply? batch = null, JsonElement data = default)
    {
        lock (_gate)
        {
            _rejected++;
            if (epoch == _epoch)
            {
                Send(id, ErrorBody(code, message, data), batch);
            }
        }
    }

    private void Reject()
    {
        lock (_gate)
        {
            _rejected++;
        }
    }
}
