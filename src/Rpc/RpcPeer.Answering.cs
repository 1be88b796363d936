using System.Text.Json;
using System.Text.Unicode;

namespace Bridge.Rpc;

public sealed partial class RpcPeer
{
    private const int MaxErrorMessage = 500;

    /// <summary>
    /// Takes one message from the port. Handlers start here, in order of arrival, on this thread: up to their first await
    /// they must be short. Never throws on what the other side sent.
    /// </summary>
    public void Receive(ReadOnlySpan<byte> message)
    {
        int epoch;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _received++;
            _receivedBytes += message.Length;
            epoch = _epoch;
        }

        if (message.Length > _options.MaxMessageSize)
        {
            Refuse(epoch, null, RpcErrorCode.PayloadTooLarge, $"The message is {message.Length} bytes; a message is at most {_options.MaxMessageSize}.");
            return;
        }

        if (!Utf8.IsValid(message))
        {
            Refuse(epoch, null, RpcErrorCode.ParseError, "The message is no UTF-8.");
            return;
        }

        var scanner = new JsonScanner(message);
        scanner.SkipWhitespace();
        if (scanner.Current == '[')
        {
            ReceiveBatch(epoch, message);
        }
        else if (Envelope.TryParse(message, _options.MaxDepth, out var envelope, out var errorAt))
        {
            ReceiveOne(epoch, envelope, null);
        }
        else
        {
            RefuseText(epoch, message, errorAt);
        }
    }

    internal bool SendProgress(Asker asker, JsonElement token, object? value)
    {
        using var writer = MessageWriter.Rent();
        writer.Notification("$/progress").Raw(",\"params\":{\"token\":"u8).Value(token, _options.Serializer);
        writer.Raw(",\"value\":"u8).Value(value, _options.Serializer).Raw("}}"u8);
        lock (_gate)
        {
            if (asker.Epoch != _epoch || !_askers.ContainsKey(asker.Id))
            {
                return false;
            }

            asker.NoticeDue = long.MaxValue;
            return SendReply(writer.Written);
        }
    }

    private void ReceiveBatch(int epoch, ReadOnlySpan<byte> message)
    {
        // The whole text first: nothing of a broken batch is executed.
        var check = new JsonScanner(message);
        var isJson = check.TrySkipValue(_options.MaxDepth);
        check.SkipWhitespace();
        if (!isJson || !check.AtEnd)
        {
            RefuseText(epoch, message, check.Position);
            return;
        }

        var count = 0;
        var counting = new JsonScanner(message);
        while (TryNextElement(ref counting, out _))
        {
            count++;
        }

        if (count == 0 || count > _options.MaxBatch)
        {
            Refuse(epoch, null, RpcErrorCode.InvalidRequest, $"A batch holds 1 to {_options.MaxBatch} messages.");
            return;
        }

        var reply = new BatchReply();
        var scanner = new JsonScanner(message);
        while (TryNextElement(ref scanner, out var element))
        {
            if (Envelope.TryParse(element, _options.MaxDepth, out var envelope, out _))
            {
                ReceiveOne(epoch, envelope, reply);
            }
        }

        lock (_gate)
        {
            CloseOne(epoch, reply);
        }
    }

    /// <summary>Steps through an array that is known to be valid.</summary>
    private static bool TryNextElement(ref JsonScanner scanner, out ReadOnlySpan<byte> element)
    {
        element = default;
        scanner.SkipWhitespace();
        if (!scanner.TrySkip((byte)'[') && !scanner.TrySkip((byte)','))
        {
            return false;
        }

        scanner.SkipWhitespace();
        var start = scanner.Position;
        if (scanner.Current == ']')
        {
            return false;
        }

        scanner.TrySkipValue(JsonScanner.DepthLimit);
        element = scanner.Slice(start);
        return true;
    }

    private void ReceiveOne(int epoch, in Envelope message, BatchReply? batch)
    {
        switch (message.Kind)
        {
            case EnvelopeKind.Response:
            case EnvelopeKind.Invalid when message.LooksLikeResponse && message.Id is { Text: null }:
                ReceiveResponse(message);
                return;
            case EnvelopeKind.Invalid:
                Refuse(epoch, message.Id, RpcErrorCode.InvalidRequest, message.Problem!, batch);
                return;
        }

        Span<char> name = stackalloc char[Envelope.MaxMethodBytes];
        ReadOnlySpan<char> method = name[..message.ReadMethod(name)];
        if (method.StartsWith("$/") && message.Kind == EnvelopeKind.Notification)
        {
            ReceiveProtocol(method, message.Params.IsEmpty ? default : JsonElement.Parse(message.Params));
        }
        else if (!_handlersBySpan.TryGetValue(method, out var handler))
        {
            if (message.Kind == EnvelopeKind.Request)
            {
                Refuse(epoch, message.Id, RpcErrorCode.MethodNotFound, $"There is no method \"{method}\".", batch);
            }
            else
            {
                Reject();
            }
        }
        else
        {
            var parameters = message.Params.IsEmpty ? default : JsonElement.Parse(message.Params);
            if (message.Kind == EnvelopeKind.Notification)
            {
                _ = RunAsync(handler, new RpcContext(this, handler.Method, parameters, null));
            }
            else
            {
                Answer(handler, parameters, message.Params, new Asker(this, epoch, message.Id!.Value, batch));
            }
        }
    }

    private void Answer(Handler handler, JsonElement parameters, ReadOnlySpan<byte> rawParameters, Asker asker)
    {
        var run = new RpcContext(this, handler.Method, parameters, asker);
        asker.Context = run;
        lock (_gate)
        {
            if (asker.Epoch != _epoch)
            {
                return;
            }

            if (_askers.ContainsKey(asker.Id))
            {
                Refuse(asker.Epoch, asker.Id, RpcErrorCode.Duplicate, "A request with this id is still being handled.", asker.Batch, Data(new { reason = "in_use" }));
                return;
            }

            if (_runs.Count >= _options.MaxIncomingCalls)
            {
                Refuse(asker.Epoch, asker.Id, RpcErrorCode.Overloaded, $"{_runs.Count} requests are being handled already.", asker.Batch);
                return;
            }

            if (asker.Batch is not null)
            {
                asker.Batch.Open++;
            }

            _askers.Add(asker.Id, asker);
            if (handler.Once && !TryEnterJournal(run, rawParameters, asker))
            {
                return;
            }

            _runs.Add(run);
        }

        _ = RunAsync(handler, run);
        lock (_gate)
        {
            if (_askers.TryGetValue(asker.Id, out var waiting) && waiting == asker)
            {
                // Not answered at once: a notice becomes due.
                asker.NoticeDue = RunningTime + _options.ReceivedNotice.Ticks;
                Arm(asker.NoticeDue);
            }
        }
    }

    /// <summary>True: run it. False: it was answered, refused, or waits for a run that goes on.</summary>
    private bool TryEnterJournal(RpcContext run, ReadOnlySpan<byte> rawParameters, Asker asker)
    {
        if (run.Parameters.ValueKind != JsonValueKind.Object || !run.Parameters.TryGetProperty("callId", out var member)
            || member.ValueKind != JsonValueKind.String || member.GetString() is not { Length: > 0 and <= MaxCallIdLength } callId)
        {
            Reply(asker, ErrorBody(RpcErrorCode.InvalidParams, $"\"callId\" must be a string of 1 to {MaxCallIdLength} characters."));
            return false;
        }

        var hash = new HashCode();
        hash.AddBytes(rawParameters);
        run.CallId = callId;
        var verdict = _journal.Begin(callId, hash.ToHashCode(), run, out var entry, out var body);
        run.Entry = entry;
        switch (verdict)
        {
            case JournalVerdict.Start:
                return true;
            case JournalVerdict.Join:
                SendReceived(asker);
                return false;
            case JournalVerdict.Answer:
                _fromJournal++;
                Reply(asker, body!);
                return false;
            case JournalVerdict.InUse:
                Reply(asker, ErrorBody(RpcErrorCode.Duplicate, $"The call \"{callId}\" is being handled for another request.", Data(new { callId, reason = "in_use" })));
                return false;
            case JournalVerdict.Changed:
                Reply(asker, ErrorBody(RpcErrorCode.Duplicate, $"The call \"{callId}\" was used for another request.", Data(new { callId, reason = "changed" })));
                return false;
            default:
                Reply(asker, ErrorBody(RpcErrorCode.Duplicate, $"The call \"{callId}\" was acknowledged before; it is not run again.", Data(new { callId, reason = "acknowledged" })));
                return false;
        }
    }

    private async Task RunAsync(Handler handler, RpcContext run)
    {
        byte[]? body = null;
        try
        {
            var pending = handler.Run(run.Parameters, run);
            var result = pending.IsCompletedSuccessfully ? pending.Result : await pending.ConfigureAwait(false);
            body = run.IsNotification ? null : ResultBody(result);
        }
        catch (RpcException exception)
        {
            body = ErrorBody(exception.Code, exception.Message, exception.ErrorData);
        }
        catch (OperationCanceledException) when (run.IsCancelled)
        {
            body = ErrorBody(RpcErrorCode.Cancelled, "The request was cancelled.");
        }
        catch (Exception exception)
        {
            _options.Fault?.Invoke(handler.Method, exception);
            body = ErrorBody(RpcErrorCode.HandlerFailed, exception.Message.Length > MaxErrorMessage ? exception.Message[..MaxErrorMessage] : exception.Message);
        }

        if (run.IsNotification)
        {
            return;
        }

        lock (_gate)
        {
            _runs.Remove(run);
        }

        var asker = run.Entry is { } entry ? _journal.Complete(entry, body!) : run.Asker;
        asker?.Peer.Answered(asker, body!);
    }

    private void Answered(Asker asker, byte[] body)
    {
        lock (_gate)
        {
            Reply(asker, body);
        }
    }

    private byte[] ResultBody(object? result)
    {
        using var writer = MessageWriter.Rent();
        return writer.Raw("\"result\":"u8).Value(result, _options.Serializer).Written.ToArray();
    }

    private static byte[] ErrorBody(RpcErrorCode code, string message, JsonElement data = default)
    {
        using var writer = MessageWriter.Rent();
        return writer.Error((int)code, message, data).Written.ToArray();
    }
}
