using Bridge.Realtime.Turns;
using Bridge.Tools;

namespace Bridge.Calls;

/// <summary>
/// Opens what costs the operator: the model session and MCP servers. At the join for a caller whom a ticket bounds, and for
/// this machine; for a caller without a ticket once the path to the page is verified: DTLS is connected, so that whoever joined also holds
/// a browser at an address of its own.
/// </summary>
internal sealed class CallOpening(CallMailbox mailbox, ToolDispatcher tools)
{
    private bool _opened;

    /// <summary>True once it was opened.</summary>
    public bool IsOpen => Volatile.Read(ref _opened);

    /// <summary>Opens what is not open yet. Any thread.</summary>
    public void Open()
    {
        if (!Interlocked.Exchange(ref _opened, true))
        {
            tools.OpenServers();
            mailbox.Post(new TurnInput.CallStarted());
        }
    }
}
