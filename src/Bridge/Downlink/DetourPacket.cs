using Bridge.Transport;

namespace Bridge.Downlink;

/// <summary>A packet that waits for the transcoder; with no peer it is a pause instead.</summary>
internal struct DetourPacket
{
    public IMediaPeer? Peer;
    public DownlinkStep Step;
    public byte[] Bytes;
    public int Length;
    public uint Timestamp;
    public bool Marker;
    public bool IsQuiet;
}
