using Bridge.Rtc;

namespace Bridge.Fuzz.Targets;

/// <summary>Counts what a peer gives out and keeps nothing.</summary>
internal sealed class NullSink : IRtcSink
{
    public int Datagrams { get; private set; }

    public int Packets { get; private set; }

    public int Digits { get; private set; }

    public void Transmit(ReadOnlySpan<byte> datagram, Route to) => Datagrams++;

    public void StateChanged(RtcPeerState state)
    {
    }

    public void AudioNegotiated(in AudioFormat format)
    {
    }

    public void AudioReceived(in RtpPacket packet) => Packets++;

    public void DtmfReceived(in DtmfEvent digit) => Digits++;

    public void ChannelOpened(ushort stream, string label)
    {
    }

    public void ChannelClosed(ushort stream)
    {
    }

    public void MessageReceived(ushort stream, ReadOnlySpan<byte> message, bool binary)
    {
    }

    public void BufferedAmountLow(ushort stream)
    {
    }
}
