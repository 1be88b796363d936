using Bridge.Signaling;

namespace Bridge.Calls;

/// <summary>Told of the calls of this host: the node of a cluster.</summary>
internal interface ICallWatcher
{
    /// <summary>A call has its place. Must not wait.</summary>
    /// <param name="seat">The place.</param>
    /// <param name="revived">The call as it was when its host crashed; null for a new one.</param>
    void Seated(CallSeat seat, RevivedCall? revived);

    /// <summary>Other tokens lead into the call now; returns when the cluster knows, or after a moment.</summary>
    Task RenewedAsync(CallSeat seat);

    /// <summary>A call is over. Must not wait.</summary>
    /// <param name="seat">Its place.</param>
    /// <param name="reason">Why; see <see cref="CallEnd"/>.</param>
    void Over(CallSeat seat, string reason);

    /// <summary>The host is about to stop, and calls have some time left. Must not wait.</summary>
    void Stopping();

    /// <summary>Tells a page whose hub connection another node has; false when the connection is none of another node.</summary>
    bool TryTell(string connectionId, CallEndedNotice notice);
}
