namespace Bridge.Rtc.Sctp;

/// <summary>A whole message in a pooled buffer, on its way from reassembly to its channel. An oversize one has no bytes.</summary>
internal readonly record struct InboundMessage(ushort Stream, uint Ppid, byte[] Buffer, int Length, bool Oversize)
{
    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);
}
