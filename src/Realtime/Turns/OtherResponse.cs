using Bridge.Realtime.Model;

namespace Bridge.Realtime.Turns;

/// <summary>
/// A response that the service has and that is not the call's: one that it refused ours for, or one that a server which answers by
/// itself began while ours was on its way. Its end is waited for, but not for ever.
/// </summary>
internal sealed class OtherResponse(TurnContext context, Deadline retry)
{
    private const int MaxWaits = 10;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);
    private string? _id;
    private int _waits;

    /// <summary>The next request waits for its end.</summary>
    public bool IsWaitedFor { get; private set; }

    /// <summary>The server began it while ours was on its way. The server stops it for ours, or refuses ours until it has ended.</summary>
    public void OnCrossed(string id) => (_id, _waits) = (id, 0);

    /// <summary>The service refused ours because it has one.</summary>
    public void OnRefused()
    {
        IsWaitedFor = true;
        retry.Set(context.Now + Wait);
    }

    /// <summary>A response has ended.</summary>
    public void OnDone(string id)
    {
        IsWaitedFor = false;
        _id = _id == id ? null : _id;
    }

    /// <summary>The timer <see cref="TurnTimer.Retry"/> is due. An endless response is cancelled before the next request.</summary>
    public void OnRetryDue()
    {
        if (!IsWaitedFor || _id is not { } id || ++_waits > MaxWaits)
        {
            Clear();
            return;
        }

        if (_waits == MaxWaits)
        {
            context.Send(new ModelCommand.CancelResponse(id));
        }

        retry.Set(context.Now + Wait);
    }

    /// <summary>There is none: its session is gone.</summary>
    public void Clear() => (IsWaitedFor, _id) = (false, null);
}
