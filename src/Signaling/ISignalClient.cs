namespace Bridge.Signaling;

/// <summary>The methods that the server calls on the page over the hub.</summary>
public interface ISignalClient
{
    /// <summary>The call is over; nothing of it is left on the server.</summary>
    Task CallEnded(CallEndedNotice notice);
}
