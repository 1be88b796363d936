using Bridge.Signaling;
using Bridge.Timing;
using Microsoft.AspNetCore.SignalR;

namespace Bridge.Calls;

/// <summary>Tells pages over the hub that their call is over.</summary>
internal sealed class PageNotices(IHubContext<SignalHub, ISignalClient> hub, HostClock clock)
{
    /// <summary>Has connections of other nodes; null: there are none.</summary>
    public ICallWatcher? Watcher { get; set; }

    /// <summary>Tells the page of a connection; does not fail.</summary>
    public async Task TellAsync(string connection, string callId, string reason)
    {
        try
        {
            var notice = new CallEndedNotice(callId, reason);
            if (Watcher?.TryTell(connection, notice) is not true)
            {
                await hub.Clients.Client(connection).CallEnded(notice).ConfigureAwait(false);
            }
        }
        catch (Exception defect)
        {
            // The connection is gone, or the hub is: nobody awaits the notice.
            clock.Guard.Failed("call ended notice", defect);
        }
    }
}
