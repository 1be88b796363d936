using System.Buffers;

namespace Bridge.Rtc.Sctp;

/// <summary>A message on its way out: queued, partly sent, or waiting for its acknowledgements.</summary>
internal sealed class OutboundMessage
{
    /// <summary>The cost of a message beside its bytes, so that many tiny ones fill the send buffer too.</summary>
    public const int Overhead = 128;

    public byte[] Buffer = [];
    public int Length;
    public DataChannel Channel = null!;
    public uint Ppid;
    public bool Unordered;
    public Instant Expires;
    public int MaxRetransmits;

    /// <summary>Bytes cut into chunks so far.</summary>
    public int Offset;

    /// <summary>Chunks of it that are neither acknowledged cumulatively nor skipped.</summary>
    public int Outstanding;

    public Ssn Ssn;
    public Tsn FirstTsn;
    public OutboundMessage? Next;

    public bool IsWhollySent => Offset == Length;

    public void Set(DataChannel channel, ReadOnlySpan<byte> bytes, uint ppid)
    {
        Buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(Buffer);
        Length = bytes.Length;
        Channel = channel;
        Ppid = ppid;
        Unordered = false;
        Expires = Instant.Distant;
        MaxRetransmits = int.MaxValue;
        Offset = 0;
        Outstanding = 0;
        Next = null;
    }

    /// <summary>Begins the next chunk of the message; gives its flags. The first chunk fixes the message's numbers.</summary>
    public byte BeginChunk(Tsn tsn, int length)
    {
        byte flags = Unordered ? DataChunk.Unordered : (byte)0;
        if (Offset == 0)
        {
            flags |= DataChunk.Begin;
            FirstTsn = tsn;
            Ssn = Unordered ? default : Channel.TakeSsn();
        }

        return (byte)(flags | (Offset + length == Length ? DataChunk.End : 0));
    }

    /// <summary>Writes a part of the message as a DATA chunk.</summary>
    public void WriteChunk(ref PacketWriter packet, byte flags, Tsn tsn, int offset, int length) =>
        DataChunk.Write(ref packet, flags, tsn, Channel.Stream, Ssn, Ppid, Buffer.AsSpan(offset, length));

    /// <summary>Gives the bytes back to the pool.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(Buffer);
        Buffer = [];
        Channel = null!;
        Next = null;
    }
}
