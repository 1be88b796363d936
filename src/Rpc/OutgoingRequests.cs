namespace Bridge.Rpc;

/// <summary>
/// Our requests that wait for a response: their ids, deadlines, and the texts of once-only ones, which are sent again on a
/// new port. The peer's lock guards it. docs/rpc.md §2, §3 and §5.
/// </summary>
internal sealed class OutgoingRequests(RpcOptions options, Outbox outbox, RunningClock clock)
{
    /// <summary>Acknowledgements that are repeated on a new port, because the channel may have swallowed them.</summary>
    private const int RepeatedAcknowledgements = 256;

    private readonly Dictionary<long, PendingRequest> _pending = [];
    private readonly HashSet<string> _callIds = new(StringComparer.Ordinal);
    private readonly Queue<string> _acknowledged = new();
    private long _lastId = options.LastId;
    private long _retainedBytes;

    public int Count => _pending.Count;

    /// <summary>Requests that ended at a deadline.</summary>
    public long TimedOut { get; private set; }

    /// <summary>Once-only requests sent again after a new port was attached.</summary>
    public long Resent { get; private set; }

    /// <summary>Responses that belong to no pending request.</summary>
    public long Unmatched { get; private set; }

    /// <summary>The next deadline of all of them.</summary>
    public long NextDue
    {
        get
        {
            var due = long.MaxValue;
            foreach (var request in _pending.Values)
            {
                due = Math.Min(due, request.NextDue);
            }

            return due;
        }
    }

    /// <summary>Why a request can't be made now; null when it can.</summary>
    public RpcException? Refusal(string? callId)
    {
        if (!outbox.IsAttached && callId is null)
        {
            return new RpcException(RpcErrorCode.Disconnected, "There is no channel to the other side.");
        }

        if (_pending.Count >= options.MaxPendingRequests)
        {
            return new RpcException(RpcErrorCode.Overloaded, $"{_pending.Count} requests wait for an answer already.");
        }

        if (callId is not null && _callIds.Contains(callId))
        {
            var data = ErrorData.Of(new { callId, reason = "in_use" });
            return new RpcException(RpcErrorCode.Duplicate, $"The call \"{callId}\" waits for its answer already.", data);
        }

        return null;
    }

    /// <summary>A pending request with the next id; its message is written after this, outside the lock.</summary>
    public PendingRequest Add(string method, RpcRequestOptions? wanted)
    {
        var deadlines = options.MethodDeadlines.TryGetValue(method, out var own)
            ? own
            : new RpcDeadlines(options.AckDeadline, options.ResponseDeadline);
        deadlines = new RpcDeadlines(wanted?.AckDeadline ?? deadlines.Ack, wanted?.ResponseDeadline ?? deadlines.Response);
        var request = new PendingRequest(this, ++_lastId, method, wanted?.CallId, deadlines, wanted?.Progress);
        _pending.Add(request.Id, request);
        if (request.CallId is not null)
        {
            _callIds.Add(request.CallId);
        }

        return request;
    }

    /// <summary>Sends the message, or lets the request wait for room or, when it is a once-only one, for a port.</summary>
    public void Send(PendingRequest request, ReadOnlySpan<byte> message)
    {
        if (request.Stage == RequestStage.Over || IsTooLarge(request, message.Length))
        {
            return;
        }

        StartDeadlines(request);
        var once = request.CallId is not null;
        if ((once && !Retain(request, message)) || outbox.TryRequest(request, message))
        {
            return;
        }

        if (!once)
        {
            if (!outbox.IsAttached)
            {
                Fail(request, new RpcException(RpcErrorCode.Disconnected, "The channel to the other side closed."));
                return;
            }

            if (!Retain(request, message))
            {
                return;
            }
        }

        request.Stage = RequestStage.Unsent;
        if (outbox.IsAttached)
        {
            outbox.Enqueue(request);
            outbox.Drain();
        }
    }

    /// <summary>
    /// A new port: acknowledgements that may have been lost are repeated, then unanswered once-only requests, in their order.
    /// </summary>
    public void Resend()
    {
        if (_acknowledged.Count > 0)
        {
            SendAcknowledge([.. _acknowledged]);
        }

        foreach (var request in _pending.Values.Where(request => request.Message is not null).OrderBy(request => request.Id).ToArray())
        {
            if (IsTooLarge(request, request.Message!.Length))
            {
                continue;
            }

            if (request.Stage is RequestStage.Sent or RequestStage.Acknowledged)
            {
                Resent++;
            }

            request.Stage = RequestStage.Unsent;
            StartDeadlines(request);
            outbox.Enqueue(request);
        }

        outbox.Drain();
    }

    /// <summary>The port is gone: requests that can't be sent again fail.</summary>
    public void FailUnrepeatable()
    {
        foreach (var request in _pending.Values.Where(request => request.CallId is null).ToArray())
        {
            Fail(request, new RpcException(RpcErrorCode.Disconnected, "The channel to the other side closed."));
        }
    }

    /// <summary>The peer is disposed.</summary>
    public void FailAll()
    {
        foreach (var request in _pending.Values.ToArray())
        {
            Fail(request, new RpcException(RpcErrorCode.Disconnected, "The call ended."));
        }
    }

    /// <summary>A response has come: takes its request out and acknowledges a once-only one. Null when it belongs to none.</summary>
    public PendingRequest? Take(in RpcId? id)
    {
        if (id is not { Text: null } known || !_pending.TryGetValue(known.Number, out var request))
        {
            Unmatched++;
            return null;
        }

        if (request.CallId is not null)
        {
            Acknowledge(request.CallId);
        }

        Remove(request);
        return request;
    }

    /// <summary>The other side has shown that it has this request: only the response's deadline counts from now on.</summary>
    public PendingRequest? ShowSignOfLife(long id)
    {
        if (!_pending.TryGetValue(id, out var request))
        {
            return null;
        }

        if (request.Stage == RequestStage.Sent)
        {
            request.Stage = RequestStage.Acknowledged;
            clock.Arm(request.ResponseDue);
        }

        return request;
    }

    /// <summary>Ends the requests whose deadline has passed.</summary>
    public void TimeOutLate()
    {
        var now = clock.Now;
        List<PendingRequest>? late = null;
        foreach (var request in _pending.Values)
        {
            if (now >= request.NextDue)
            {
                (late ??= []).Add(request);
            }
        }

        foreach (var request in late ?? [])
        {
            TimeOut(request);
        }
    }

    /// <summary>The caller's token was cancelled.</summary>
    public void Abandon(PendingRequest request, CancellationToken token)
    {
        if (request.Stage != RequestStage.Over)
        {
            GiveUp(request);
            Remove(request);
            request.TrySetCanceled(token);
        }
    }

    /// <summary>Takes a request out without completing it; false when it is out already.</summary>
    public bool Remove(PendingRequest request)
    {
        if (!_pending.Remove(request.Id))
        {
            return false;
        }

        if (request.CallId is not null)
        {
            _callIds.Remove(request.CallId);
        }

        request.Stage = RequestStage.Over;
        Release(request);
        request.Registration.Unregister();
        return true;
    }

    /// <summary>Its text is not needed any more.</summary>
    public void Release(PendingRequest request)
    {
        if (request.Message is not null)
        {
            _retainedBytes -= request.Message.Length;
            request.Message = null;
        }
    }

    private bool IsTooLarge(PendingRequest request, int size)
    {
        var limit = outbox.MaxMessageSize;
        if (size <= limit)
        {
            return false;
        }

        var sentence = $"The request is {size} bytes; a message is at most {limit}.";
        Fail(request, new RpcException(RpcErrorCode.PayloadTooLarge, sentence, ErrorData.Of(new { size, limit })));
        return true;
    }

    private bool Retain(PendingRequest request, ReadOnlySpan<byte> message)
    {
        if (_retainedBytes + message.Length > RpcOptions.MaxRetainedBytes)
        {
            Fail(request, new RpcException(RpcErrorCode.Overloaded, $"{_retainedBytes} bytes of requests wait already."));
            return false;
        }

        request.Message = message.ToArray();
        _retainedBytes += message.Length;
        return true;
    }

    private void StartDeadlines(PendingRequest request)
    {
        var now = clock.Now;
        request.AckDue = now + request.Deadlines.Ack.Ticks;
        request.ResponseDue = now + request.Deadlines.Response.Ticks;
        clock.Arm(Math.Min(request.AckDue, request.ResponseDue));
    }

    private void Fail(PendingRequest request, RpcException error)
    {
        if (Remove(request))
        {
            request.TrySetException(error);
        }
    }

    private void TimeOut(PendingRequest request)
    {
        var (waitedFor, after) = request.Stage switch
        {
            RequestStage.Unsent or RequestStage.New => ("room", request.Deadlines.Ack),
            RequestStage.Sent when clock.Now < request.ResponseDue => ("ack", request.Deadlines.Ack),
            _ => ("response", request.Deadlines.Response),
        };
        var sentence = waitedFor switch
        {
            "room" => $"\"{request.Method}\" could not be sent within {after.TotalSeconds:0.###} s: the other side does not read.",
            "ack" => $"\"{request.Method}\" was not acknowledged within {after.TotalSeconds:0.###} s.",
            _ => $"\"{request.Method}\" was not answered within {after.TotalSeconds:0.###} s.",
        };
        TimedOut++;
        GiveUp(request);
        Fail(request, new RpcException(RpcErrorCode.Timeout, sentence, ErrorData.Of(new { waitedFor })));
    }

    /// <summary>Tells the other side that nobody waits any more, when it may know of the request at all.</summary>
    private void GiveUp(PendingRequest request)
    {
        if (request.Stage is RequestStage.Sent or RequestStage.Acknowledged && outbox.IsAttached)
        {
            using var writer = MessageWriter.Rent();
            outbox.TryReply(writer.Notification("$/cancelRequest").Raw(",\"params\":{\"id\":"u8).Number(request.Id).Raw("}}"u8).Written);
        }

        if (request.CallId is not null && request.Stage is not RequestStage.New)
        {
            Acknowledge(request.CallId);
        }
    }

    private void Acknowledge(string callId)
    {
        _acknowledged.Enqueue(callId);
        if (_acknowledged.Count > RepeatedAcknowledgements)
        {
            _acknowledged.Dequeue();
        }

        if (outbox.IsAttached)
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

        outbox.TryReply(writer.Raw("]}}"u8).Written);
    }
}
