namespace Bridge.Rpc;

public sealed partial class RpcPeer
{
    private void TimeOut(OutgoingCall call)
    {
        var (waitedFor, after) = call.Stage switch
        {
            CallStage.Unsent or CallStage.New => ("room", call.Deadlines.Ack),
            CallStage.Asked when RunningTime < call.ResponseDue => ("ack", call.Deadlines.Ack),
            _ => ("response", call.Deadlines.Response),
        };
        var sentence = waitedFor switch
        {
            "room" => $"\"{call.Method}\" could not be sent within {after.TotalSeconds:0.###} s: the other side does not read.",
            "ack" => $"\"{call.Method}\" was not acknowledged within {after.TotalSeconds:0.###} s.",
            _ => $"\"{call.Method}\" was not answered within {after.TotalSeconds:0.###} s.",
        };
        _timedOut++;
        GiveUp(call);
        Fail(call, new RpcException(RpcErrorCode.Timeout, sentence, Data(new { waitedFor })));
    }

    /// <summary>The caller's token was cancelled.</summary>
    private void Abandon(OutgoingCall call, CancellationToken token)
    {
        lock (_gate)
        {
            if (call.Stage != CallStage.Over)
            {
                GiveUp(call);
                Remove(call);
                call.TrySetCanceled(token);
            }
        }
    }

    /// <summary>Tells the other side that nobody waits any more, when it may know of the request at all.</summary>
    private void GiveUp(OutgoingCall call)
    {
        if (call.Stage is CallStage.Asked or CallStage.Acknowledged && _outbox.IsAttached)
        {
            using var writer = MessageWriter.Rent();
            SendReply(writer.Notification("$/cancelRequest").Raw(",\"params\":{\"id\":"u8).Number(call.Id).Raw("}}"u8).Written);
        }

        if (call.CallId is not null && call.Stage is not CallStage.New)
        {
            Acknowledge(call.CallId);
        }
    }

    private void Acknowledge(string callId)
    {
        _answeredCallIds.Enqueue(callId);
        if (_answeredCallIds.Count > RepeatedAcknowledgements)
        {
            _answeredCallIds.Dequeue();
        }

        if (_outbox.IsAttached)
        {
            SendAcknowledge([callId]);
        }
    }

    private void SendAcknowledge(ReadOnlySpan<string> callIds)
    {
        using var writer = MessageWriter.Rent();
        writer.Notification("$/acknowledge").Raw(",\"params\":{\"callIds\":["u8);
        for (var i = 0; i < callIds.Length; i++)
        {
            writer.Raw(i == 0 ? ""u8 : ","u8).String(callIds[i]);
        }

        SendReply(writer.Raw("]}}"u8).Written);
    }
}
