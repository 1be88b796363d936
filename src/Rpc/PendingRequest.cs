using System.Text.Json;

namespace Bridge.Rpc;

/// <summary>A request of ours that waits for its response. Guarded by the peer's lock.</summary>
internal sealed class PendingRequest(
    OutgoingRequests owner, long id, string method, string? callId, RpcDeadlines deadlines, IProgress<JsonElement>? progress)
    : TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Id { get; } = id;

    public string Method { get; } = method;

    /// <summary>The model's call_id of a once-only request, else null.</summary>
    public string? CallId { get; } = callId;

    public RpcDeadlines Deadlines { get; } = deadlines;

    public IProgress<JsonElement>? Progress { get; } = progress;

    /// <summary>The text: kept until the response when it may be sent again, else only until it is sent.</summary>
    public byte[]? Message { get; set; }

    public RequestStage Stage { get; set; }

    /// <summary>On the peer's running clock; never while the message is still being written.</summary>
    public long AckDue { get; set; } = long.MaxValue;

    public long ResponseDue { get; set; } = long.MaxValue;

    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>When the next of its two deadlines passes.</summary>
    public long NextDue => Stage is RequestStage.Acknowledged ? ResponseDue : Math.Min(AckDue, ResponseDue);

    /// <summary>It waited for room, and is given to the port or its queue now.</summary>
    public void Sent(long now)
    {
        Stage = RequestStage.Sent;
        AckDue = now + Deadlines.Ack.Ticks;
        if (CallId is null)
        {
            owner.Release(this);
        }
    }
}
