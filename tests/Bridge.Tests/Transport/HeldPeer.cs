using Bridge.Rtc;
using Bridge.Transport;

namespace Bridge.Tests.Transport;

/// <summary>A peer that a test may keep busy: whoever brings it a datagram meanwhile waits.</summary>
internal sealed class HeldPeer(MediaEndpoint endpoint, RtcPeer rtc) : DeafPeer(endpoint, rtc)
{
    public void Hold() => Gate.Enter();

    public void LetGo() => Leave();
}
