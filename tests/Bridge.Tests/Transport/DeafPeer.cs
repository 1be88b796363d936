using Bridge.Rtc;
using Bridge.Transport;

namespace Bridge.Tests.Transport;

/// <summary>A peer to which nothing that comes in matters.</summary>
internal abstract class DeafPeer(MediaEndpoint endpoint, RtcPeer rtc) : HostedPeer(endpoint, rtc, endpoint.Trails.Of("deaf"))
{
    public override void StateChanged(RtcPeerState state)
    {
    }

    public override void AudioNegotiated(in AudioFormat format)
    {
    }

    public override void AudioReceived(in RtpPacket packet)
    {
    }

    public override void DtmfReceived(in DtmfEvent digit)
    {
    }

    public override void ChannelOpened(ushort stream, string label)
    {
    }

    public override void ChannelClosed(ushort stream)
    {
    }

    public override void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
    }

    public override void BufferedAmountLow(ushort stream)
    {
    }
}
