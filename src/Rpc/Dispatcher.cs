using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Bridge.Rpc;

/// <summary>
/// Takes apart what a port delivers: single messages and batches, requests for handlers, responses for pending requests, and
/// the protocol's own notifications. It holds no state; for the state of others it takes the peer's lock, and runs handlers
/// and progress receivers outside it.
/// </summary>
internal sealed class Dispatcher(
    RpcPeer peer, Lock gate, RpcOptions options, MethodTable handlers, OutgoingRequests outgoing, IncomingRequests incoming)
{
    /// <summary>Handles one message that came in on this attachment.</summary>
    public void Dispatch(int epoch, ReadOnlySpan<byte> message)
    {
        if (message.Length > options.MaxMessageSize)
        {
            var sentence = $"The message is {message.Length} bytes; a message is at most {options.MaxMessageSize}.";
            Refuse(epoch, null, RpcErrorCode.PayloadTooLarge, sentence);
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
            DispatchBatch(epoch, message);
        }
        else if (Envelope.TryParse(message, options.MaxDepth, out var envelope, out var errorAt))
        {
            DispatchOne(epoch, envelope, null);
        }
        else
        {
            RefuseText(epoch, message, errorAt);
        }
    }

    /// <summary>Sets a handler's token. That runs callbacks of the handler's: called without the lock.</summary>
    public void Cancel(RpcContext context)
    {
        try
        {
            context.Cancel();
        }
        catch (AggregateException exception)
        {
            peer.Fault(context.Method, exception);
        }
    }

    private void DispatchBatch(int epoch, ReadOnlySpan<byte> message)
    {
        // The whole text first: nothing of a broken batch is executed.
        var check = new JsonScanner(message);
        var isJson = check.TrySkipValue(options.MaxDepth);
        check.SkipWhitespace();
        if (!isJson || !check.AtEnd)
        {
            RefuseText(epoch, message, check.Position);
            return;
        }

        var count = BatchReader.Count(message);
        if (count == 0 || count > RpcOptions.MaxBatchCount)
        {
            Refuse(epoch, null, RpcErrorCode.InvalidRequest, $"A batch holds 1 to {RpcOptions.MaxBatchCount} messages.");
            return;
        }

        var reply = new BatchReply();
        var reader = new BatchReader(message);
        while (reader.TryRead(out var element))
        {
            if (Envelope.TryParse(element, options.MaxDepth, out var envelope, out _))
            {
                DispatchOne(epoch, envelope, reply);
            }
        }

        lock (gate)
        {
            incoming.CloseOne(epoch, reply);
        }
    }

    private void DispatchOne(int epoch, in Envelope message, BatchReply? batch)
    {
        switch (message.Kind)
        {
            case EnvelopeKind.Response:
            case EnvelopeKind.Invalid when message.LooksLikeResponse && message.Id is { Text: null }:
                CompleteRequest(message);
                return;
            case EnvelopeKind.Invalid:
                Refuse(epoch, message.Id, RpcErrorCode.InvalidRequest, message.Problem!, batch);
                return;
        }

        Span<char> name = stackalloc char[Envelope.MaxMethodBytes];
        ReadOnlySpan<char> method = name[..message.ReadMethod(name)];
        if (method.StartsWith("$/") && message.Kind == EnvelopeKind.Notification)
        {
            HandleProtocol(method, message.Params.IsEmpty ? default : JsonElement.Parse(message.Params));
        }
        else if (!handlers.TryFind(method, out var handler))
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
                _ = RunAsync(handler, new RpcContext(peer, handler.Method, parameters, null));
            }
            else
            {
                var request = new IncomingRequest(epoch, message.Id!.Value, batch);
                Answer(handler, new RpcContext(peer, handler.Method, parameters, request));
            }
        }
    }

    private void Answer(MethodHandler handler, RpcContext context)
    {
        lock (gate)
        {
            if (!incoming.TryBegin(context))
            {
                return;
            }
        }

        _ = RunAsync(handler, context);
        lock (gate)
        {
            incoming.StartNotice(context);
        }
    }

    private async Task RunAsync(MethodHandler handler, RpcContext context)
    {
        byte[]? body = null;
        var refused = false;
        try
        {
            var pending = handler.Run(context.Parameters, context);
            var result = pending.IsCompletedSuccessfully ? pending.Result : await pending.ConfigureAwait(false);
            body = context.IsNotification ? null : ResponseBody.Result(result, options.Serializer);
        }
        catch (RpcException exception)
        {
            refused = true;
            body = ResponseBody.Error(exception.Code, exception.Message, exception.ErrorData);
        }
        catch (OperationCanceledException) when (context.IsCancelled)
        {
            body = ResponseBody.Error(RpcErrorCode.Cancelled, "The request was cancelled.");
        }
        catch (Exception exception)
        {
            peer.Fault(handler.Method, exception);
            body = ResponseBody.Failure(exception);
        }

        if (!context.IsNotification)
        {
            lock (gate)
            {
                incoming.Complete(context, body!);
            }
        }
        else if (refused)
        {
            Reject();
        }
    }

    private void CompleteRequest(in Envelope message)
    {
        PendingRequest? request;
        lock (gate)
        {
            request = outgoing.Take(message.Id);
        }

        if (request is null)
        {
            return;
        }

        if (message.Kind == EnvelopeKind.Invalid)
        {
            var sentence = $"The other side answered \"{request.Method}\" with something that is no response: {message.Problem}";
            request.TrySetException(new RpcException(RpcErrorCode.InternalError, sentence));
        }
        else if (message.Error.IsEmpty)
        {
            request.TrySetResult(JsonElement.Parse(message.Result));
        }
        else
        {
            request.TrySetException(ResponseBody.ReadError(JsonElement.Parse(message.Error)));
        }
    }

    /// <summary>The notifications whose names begin with <c>$/</c>; docs/rpc.md §2 to §5.</summary>
    private void HandleProtocol(ReadOnlySpan<char> method, JsonElement parameters)
    {
        switch (method)
        {
            case "$/cancelRequest":
                CancelRequest(parameters);
                break;
            case "$/progress":
                ReportProgress(parameters);
                break;
            case "$/received" when TryGetNumber(parameters, "id", out var id):
                lock (gate)
                {
                    outgoing.ShowSignOfLife(id);
                }

                break;
            case "$/acknowledge" when TryGet(parameters, "callIds", out var callIds) && callIds.ValueKind == JsonValueKind.Array:
                // Nothing is kept for repeated requests on this side: it handles no method once only.
                break;
            default:
                Reject();
                break;
        }
    }

    private void CancelRequest(JsonElement parameters)
    {
        RpcContext? context = null;
        if (TryGet(parameters, "id", out var id) && RpcId.TryParse(Encoding.UTF8.GetBytes(id.GetRawText()), out var known))
        {
            lock (gate)
            {
                context = incoming.Find(known);
            }
        }

        if (context is not null)
        {
            Cancel(context);
        }
    }

    private void ReportProgress(JsonElement parameters)
    {
        if (!TryGetNumber(parameters, "token", out var id) || !parameters.TryGetProperty("value", out var value))
        {
            Reject();
            return;
        }

        IProgress<JsonElement>? progress;
        lock (gate)
        {
            progress = outgoing.ShowSignOfLife(id)?.Progress;
        }

        try
        {
            progress?.Report(value);
        }
        catch (Exception exception)
        {
            peer.Fault("$/progress", exception);
        }
    }

    private static bool TryGet(JsonElement parameters, string name, out JsonElement value)
    {
        value = default;
        return parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(name, out value);
    }

    private static bool TryGetNumber(JsonElement parameters, string name, out long number)
    {
        number = 0;
        return TryGet(parameters, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number);
    }

    private void RefuseText(int epoch, ReadOnlySpan<byte> message, int errorAt) =>
        Refuse(epoch, null, RpcErrorCode.ParseError, errorAt >= message.Length
            ? $"The message is no JSON: unexpected end at byte {errorAt}."
            : $"The message is no JSON, or nested too deep, at byte {errorAt}.");

    private void Refuse(int epoch, RpcId? id, RpcErrorCode code, string message, BatchReply? batch = null)
    {
        lock (gate)
        {
            incoming.Refuse(epoch, id, code, message, batch);
        }
    }

    private void Reject()
    {
        lock (gate)
        {
            incoming.Reject();
        }
    }
}
