using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>
/// Requests of the other side that are not answered yet, and the handlers that still run, which may outlive the port their
/// request came in on. The peer's lock guards it.
/// </summary>
internal sealed class IncomingRequests(RpcOptions options, Outbox outbox, RunningClock clock)
{
    private readonly Dictionary<RpcId, RpcContext> _pending = [];
    private readonly HashSet<RpcContext> _running = [];

    /// <summary>Handlers of requests that run.</summary>
    public int Count => _running.Count;

    /// <summary>Messages that were refused, with an error response where one was possible.</summary>
    public long Rejected { get; private set; }

    /// <summary>When the next <c>$/received</c> is due.</summary>
    public long NextDue
    {
        get
        {
            var due = long.MaxValue;
            foreach (var context in _pending.Values)
            {
                due = Math.Min(due, context.Request!.NoticeDue);
            }

            return due;
        }
    }

    /// <summary>The handlers that run now.</summary>
    public RpcContext[] Running => [.. _running];

    /// <summary>The port is gone: nothing that came in on it is answered any more.</summary>
    public void Forget() => _pending.Clear();

    /// <summary>The handler of a pending request, else null.</summary>
    public RpcContext? Find(in RpcId id) => _pending.GetValueOrDefault(id);

    /// <summary>Enters a request; false when it was refused, or came in on a port that is gone.</summary>
    public bool TryBegin(RpcContext context)
    {
        var request = context.Request!;
        if (request.Epoch != outbox.Epoch)
        {
            return false;
        }

        if (_pending.ContainsKey(request.Id))
        {
            const string Sentence = "A request with this id is still being handled.";
            Refuse(request.Epoch, request.Id, RpcErrorCode.Duplicate, Sentence, request.Batch, ErrorData.Of(new { reason = "in_use" }));
            return false;
        }

        if (_running.Count >= options.MaxIncomingRequests)
        {
            var sentence = $"{_running.Count} requests are being handled already.";
            Refuse(request.Epoch, request.Id, RpcErrorCode.Overloaded, sentence, request.Batch);
            return false;
        }

        if (request.Batch is not null)
        {
            request.Batch.Open++;
        }

        _pending.Add(request.Id, context);
        _running.Add(context);
        return true;
    }

    /// <summary>The handler has started; when it has not answered at once, <c>$/received</c> becomes due.</summary>
    public void StartNotice(RpcContext context)
    {
        if (IsPending(context))
        {
            context.Request!.NoticeDue = clock.Now + RpcOptions.ReceivedNotice.Ticks;
            clock.Arm(context.Request.NoticeDue);
        }
    }

    /// <summary>The handler has ended: sends its response, unless the port that its request came in on is gone.</summary>
    public void Complete(RpcContext context, ReadOnlySpan<byte> body)
    {
        _running.Remove(context);
        var request = context.Request!;
        if (!IsPending(context))
        {
            return;
        }

        _pending.Remove(request.Id);
        Respond(request.Id, body, request.Batch);
        if (request.Batch is not null)
        {
            CloseOne(request.Epoch, request.Batch);
        }
    }

    /// <summary>Sends progress of a request that is not answered yet; it counts as the sign of life, too.</summary>
    public bool TryProgress(RpcContext context, ReadOnlySpan<byte> message)
    {
        if (!IsPending(context))
        {
            return false;
        }

        context.Request!.NoticeDue = long.MaxValue;
        return outbox.TryReply(message);
    }

    /// <summary>Sends <c>$/received</c> for the requests that have waited for it.</summary>
    public void SendDueNotices()
    {
        var now = clock.Now;
        foreach (var context in _pending.Values)
        {
            var request = context.Request!;
            if (now >= request.NoticeDue)
            {
                request.NoticeDue = long.MaxValue;
                using var writer = MessageWriter.Rent();
                outbox.TryReply(writer.Notification("$/received").Raw(",\"params\":{\"id\":"u8).Id(request.Id).Raw("}}"u8).Written);
            }
        }
    }

    /// <summary>One request of a batch is answered, or the batch is read to its end; the array goes out with the last of them.</summary>
    public void CloseOne(int epoch, BatchReply batch)
    {
        batch.Open--;
        if (batch.Open > 0 || epoch != outbox.Epoch)
        {
            return;
        }

        foreach (var array in batch.Arrays(outbox.MaxMessageSize))
        {
            outbox.TryReply(array);
        }
    }

    /// <summary>Counts a message and answers it with an error, on the port it came in on alone.</summary>
    public void Refuse(int epoch, RpcId? id, RpcErrorCode code, string message, BatchReply? batch = null, JsonElement data = default)
    {
        Rejected++;
        if (epoch == outbox.Epoch)
        {
            Respond(id, ResponseBody.Error(code, message, data), batch);
        }
    }

    /// <summary>Counts a notification that can't be answered.</summary>
    public void Reject() => Rejected++;

    private bool IsPending(RpcContext context) =>
        context.Request!.Epoch == outbox.Epoch && _pending.TryGetValue(context.Request.Id, out var pending) && pending == context;

    private void Respond(RpcId? id, ReadOnlySpan<byte> body, BatchReply? batch)
    {
        using var writer = MessageWriter.Rent();
        writer.Response(id, body);
        var size = writer.Written.Length;
        var limit = outbox.MaxMessageSize - (batch is null ? 0 : 2); // the brackets
        if (size > limit)
        {
            var sentence = $"The result is {size} bytes; a message is at most {limit}.";
            writer.Clear();
            writer.Response(id, ResponseBody.Error(RpcErrorCode.PayloadTooLarge, sentence, ErrorData.Of(new { size, limit })));
        }

        if (batch is not null)
        {
            batch.Add(writer.Written.ToArray());
        }
        else
        {
            outbox.TryReply(writer.Written);
        }
    }
}
