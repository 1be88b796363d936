using System.Text.Json;

namespace Bridge.Rpc;

public sealed partial class RpcPeer
{
    /// <summary>Acknowledgements that are repeated on a new port, because the channel may have swallowed them.</summary>
    private const int RepeatedAcknowledgements = 256;

    private const int MaxCallIdLength = 256;

    /// <summary>
    /// Asks and waits for the result. Throws <see cref="RpcException"/> with the other side's error, or a timeout,
    /// disconnect, too large, duplicate or overload of ours; <see cref="OperationCanceledException"/> when cancelled here,
    /// in which case the other side is told.
    /// </summary>
    public Task<JsonElement> RequestAsync(string method, object? parameters, RpcCallOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        if (options?.CallId is { Length: 0 or > MaxCallIdLength })
        {
            throw new ArgumentException($"A call_id has 1 to {MaxCallIdLength} characters.", nameof(options));
        }

        if (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<JsonElement>(cancellation);
        }

        OutgoingCall call;
        lock (_gate)
        {
            if (Refusal(options) is { } refusal)
            {
                return Task.FromException<JsonElement>(refusal);
            }

            var deadlines = _options.MethodDeadlines.TryGetValue(method, out var own) ? own : new RpcDeadlines(_options.AckDeadline, _options.ResponseDeadline);
            deadlines = new RpcDeadlines(options?.AckDeadline ?? deadlines.Ack, options?.ResponseDeadline ?? deadlines.Response);
            call = new OutgoingCall(this, ++_lastId, method, options?.CallId, deadlines, options?.Progress);
            _outgoing.Add(call.Id, call);
            if (call.CallId is not null)
            {
                _outgoingCallIds.Add(call.CallId);
            }
        }

        using var writer = MessageWriter.Rent();
        try
        {
            WriteRequest(writer, call, parameters);
            if (cancellation.CanBeCanceled)
            {
                call.Registration = cancellation.UnsafeRegister(static (call, token) => ((OutgoingCall)call!).Peer.Abandon((OutgoingCall)call, token), call);
            }

            lock (_gate)
            {
                Ask(call, writer.Written);
            }
        }
        catch
        {
            lock (_gate)
            {
                Remove(call);
            }

            throw;
        }

        return call.Task;
    }

    /// <summary>Tells without an answer. False when there is no port, no room, or the message is too large: it is then dropped and counted.</summary>
    public bool Notify(string method, object? parameters)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        using var writer = MessageWriter.Rent();
        writer.Notification(method);
        if (parameters is not null)
        {
            writer.Raw(",\"params\":"u8).Value(parameters, _options.Serializer);
        }

        writer.Raw("}"u8);
        lock (_gate)
        {
            return SendNotification(writer.Written);
        }
    }

    private RpcException? Refusal(RpcCallOptions? options)
    {
        if (_disposed)
        {
            return new RpcException(RpcErrorCode.Disconnected, "The call ended.");
        }

        if (!_outbox.IsAttached && options?.CallId is null)
        {
            return new RpcException(RpcErrorCode.Disconnected, "There is no channel to the other side.");
        }

        if (_outgoing.Count >= _options.MaxOutgoingCalls)
        {
            return new RpcException(RpcErrorCode.Overloaded, $"{_outgoing.Count} requests wait for an answer already.");
        }

        return options?.CallId is { } callId && _outgoingCallIds.Contains(callId)
            ? new RpcException(RpcErrorCode.Duplicate, $"The call \"{callId}\" waits for its answer already.", Data(new { callId, reason = "in_use" }))
            : null;
    }

    private void WriteRequest(MessageWriter writer, OutgoingCall call, object? parameters)
    {
        writer.Raw("{\"jsonrpc\":\"2.0\",\"id\":"u8).Number(call.Id).Raw(",\"method\":"u8).String(call.Method);
        var adds = call.CallId is not null || call.Progress is not null;
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
                writer.Value(parameters, _options.Serializer);
            }

            if (adds)
            {
                AddMembers(writer, start, call);
            }
        }

        writer.Raw("}"u8);
    }

    private static void AddMembers(MessageWriter writer, int start, OutgoingCall call)
    {
        var parameters = JsonElement.Parse(writer.Written[start..]);
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException("The params of a once-only request, or of one with progress, are an object.");
        }

        var hasCallId = parameters.TryGetProperty("callId", out var callId);
        if (hasCallId && call.CallId is not null && !(callId.ValueKind == JsonValueKind.String && callId.ValueEquals(call.CallId)))
        {
            throw new ArgumentException("The params hold another callId than the request's options.");
        }

        var empty = parameters.GetPropertyCount() == 0;
        writer.TakeBack(1); // the closing brace
        if (call.CallId is not null && !hasCallId)
        {
            writer.Raw(empty ? "\"callId\":"u8 : ",\"callId\":"u8).String(call.CallId);
            empty = false;
        }

        if (call.Progress is not null)
        {
            writer.Raw(empty ? "\"workDoneToken\":"u8 : ",\"workDoneToken\":"u8).Number(call.Id);
        }

        writer.Raw("}"u8);
    }

    private void Ask(OutgoingCall call, ReadOnlySpan<byte> message)
    {
        if (call.Stage == CallStage.Over)
        {
            return;
        }

        if (IsTooLarge(call, message.Length))
        {
            return;
        }

        StartDeadlines(call);
        if (call.CallId is not null)
        {
            if (!Retain(call, message))
            {
                return;
            }

            if (_unsent.Count == 0 && _outbox.TrySend(call.Message!))
            {
                call.Stage = CallStage.Asked;
                Drain();
                return;
            }
        }
        else
        {
            if (_unsent.Count == 0 && _outbox.TrySend(message))
            {
                call.Stage = CallStage.Asked;
                Drain();
                return;
            }

            if (!_outbox.IsAttached)
            {
                Fail(call, new RpcException(RpcErrorCode.Disconnected, "The channel to the other side closed."));
                return;
            }

            if (!Retain(call, message))
            {
                return;
            }
        }

        call.Stage = CallStage.Unsent;
        if (_outbox.IsAttached)
        {
            _unsent.Enqueue(call);
            Drain();
        }
    }

    private bool IsTooLarge(OutgoingCall call, int size)
    {
        var limit = _outbox.MaxMessageSize;
        if (size <= limit)
        {
            return false;
        }

        Fail(call, new RpcException(RpcErrorCode.PayloadTooLarge, $"The request is {size} bytes; a message is at most {limit}.", Data(new { size, limit })));
        return true;
    }

    private bool Retain(OutgoingCall call, ReadOnlySpan<byte> message)
    {
        if (_retainedBytes + message.Length > _options.MaxRetainedBytes)
        {
            Fail(call, new RpcException(RpcErrorCode.Overloaded, $"{_retainedBytes} bytes of requests wait already."));
            return false;
        }

        call.Message = message.ToArray();
        _retainedBytes += message.Length;
        return true;
    }

    private void StartDeadlines(OutgoingCall call)
    {
        var now = RunningTime;
        call.AckDue = now + call.Deadlines.Ack.Ticks;
        call.ResponseDue = now + call.Deadlines.Response.Ticks;
        Arm(Math.Min(call.AckDue, call.ResponseDue));
    }

    /// <summary>On a new port: what may have been lost is said again.</summary>
    private void AskAgain()
    {
        if (_answeredCallIds.Count > 0)
        {
            SendAcknowledge([.. _answeredCallIds]);
        }

        foreach (var call in _outgoing.Values.Where(call => call.Message is not null).OrderBy(call => call.Id).ToArray())
        {
            if (IsTooLarge(call, call.Message!.Length))
            {
                continue;
            }

            if (call.Stage is CallStage.Asked or CallStage.Acknowledged)
            {
                _askedAgain++;
            }

            call.Stage = CallStage.Unsent;
            StartDeadlines(call);
            _unsent.Enqueue(call);
        }

        Drain();
    }

    /// <summary>Gives the port what waits: first the queue, then requests that found no room in it.</summary>
    private void Drain()
    {
        _outbox.Flush();
        while (_unsent.TryPeek(out var call))
        {
            if (call.Stage == CallStage.Unsent)
            {
                if (!_outbox.TrySend(call.Message!))
                {
                    break;
                }

                call.Stage = CallStage.Asked;
                call.AckDue = RunningTime + call.Deadlines.Ack.Ticks;
                if (call.CallId is null)
                {
                    Release(call);
                }
            }

            _unsent.Dequeue();
        }

        if (!_outbox.IsEmpty || _unsent.Count > 0)
        {
            Arm(RunningTime + PollWhileQueued.Ticks);
        }
    }

    private void Release(OutgoingCall call)
    {
        if (call.Message is not null)
        {
            _retainedBytes -= call.Message.Length;
            call.Message = null;
        }
    }

    private bool Remove(OutgoingCall call)
    {
        if (!_outgoing.Remove(call.Id))
        {
            return false;
        }

        if (call.CallId is not null)
        {
            _outgoingCallIds.Remove(call.CallId);
        }

        call.Stage = CallStage.Over;
        Release(call);
        call.Registration.Unregister();
        return true;
    }

    private void Fail(OutgoingCall call, RpcException error)
    {
        if (Remove(call))
        {
            call.TrySetException(error);
        }
    }

    private bool SendNotification(ReadOnlySpan<byte> message)
    {
        // While requests wait for room, no notification may overtake them.
        if (_unsent.Count > 0 || message.Length > _outbox.MaxMessageSize || !_outbox.TrySend(message))
        {
            _dropped++;
            return false;
        }

        Drain();
        return true;
    }

    /// <summary>
    /// Responses, progress and the protocol's own messages: they belong to what the other side asked, so that requests of
    /// ours that wait for room do not hold them up, and as much room again is kept for them.
    /// </summary>
    private bool SendReply(ReadOnlySpan<byte> message)
    {
        if (message.Length > _outbox.MaxMessageSize || !_outbox.TrySend(message, reserve: _options.MaxQueuedBytes))
        {
            _dropped++;
            return false;
        }

        Drain();
        return true;
    }

    private static JsonElement Data(object value) => JsonSerializer.SerializeToElement(value, JsonSerializerOptions.Web);
}
