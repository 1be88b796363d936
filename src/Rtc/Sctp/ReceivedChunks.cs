using System.Buffers;

namespace Bridge.Rtc.Sctp;

/// <summary>A DATA chunk that arrived ahead of a gap.</summary>
internal struct ReceivedChunk
{
    public byte[]? Buffer;
    public int Length;
    public uint Ppid;
    public ushort Stream;
    public Ssn Ssn;
    public byte Flags;
    public bool Present;

    public readonly bool Begins => (Flags & DataChunk.Begin) != 0;

    public readonly bool Ends => (Flags & DataChunk.End) != 0;

    public readonly bool IsUnordered => (Flags & DataChunk.Unordered) != 0;

    /// <summary>Held for reassembly; a chunk whose message was delivered already stays present without bytes.</summary>
    public readonly bool HasBytes => Buffer is not null;

    public readonly ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);
}

/// <summary>The TSN beyond the cumulative one, a ring in which the distance is the index. Empty while nothing is missing.</summary>
internal sealed class ReceivedChunks(Tsn cumulative)
{
    /// <summary>Chunks further ahead are dropped, however much window is left.</summary>
    public const int Capacity = 4096;

    private ReceivedChunk[] _ring = [];
    private int _head;

    /// <summary>The last TSN up to which nothing is missing.</summary>
    public Tsn Cumulative { get; private set; } = cumulative;

    /// <summary>From the cumulative TSN to the highest one received.</summary>
    public int Span { get; private set; }

    /// <summary>Bytes held, with what keeping a chunk costs beside.</summary>
    public long Held { get; private set; }

    public ref ReceivedChunk this[int index] => ref _ring[(_head + index) & (_ring.Length - 1)];

    public bool Contains(int index) => index < Span && this[index].Present;

    public void Add(int index, in DataChunk data)
    {
        if (index >= _ring.Length)
        {
            Grow(index + 1);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(data.Payload.Length);
        data.Payload.CopyTo(buffer);
        this[index] = new ReceivedChunk
        {
            Buffer = buffer,
            Length = data.Payload.Length,
            Ppid = data.Ppid,
            Stream = data.Stream,
            Ssn = data.Ssn,
            Flags = data.Flags,
            Present = true,
        };
        Held += Weight(data.Payload.Length);
        Span = Math.Max(Span, index + 1);
    }

    /// <summary>Gives the bytes of a chunk back; that it arrived stays known.</summary>
    public void Release(int index)
    {
        ref ReceivedChunk chunk = ref this[index];
        if (chunk.Buffer is { } buffer)
        {
            Held -= Weight(chunk.Length);
            chunk.Buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Moves the cumulative TSN over the first chunk, which may be missing.</summary>
    public void Advance()
    {
        Cumulative += 1;
        if (Span == 0)
        {
            return;
        }

        Release(0);
        this[0] = default;
        _head = (_head + 1) & (_ring.Length - 1);
        Span--;
        if (Span == 0 && _ring.Length > 64)
        {
            _ring = [];
            _head = 0;
        }
    }

    /// <summary>Moves the cumulative TSN ahead, over chunks that are known not to be held.</summary>
    public void SkipTo(Tsn cumulative) => Cumulative = cumulative;

    private static int Weight(int length) => length + 64;

    private void Grow(int atLeast)
    {
        int size = Math.Max(16, _ring.Length);
        while (size < atLeast)
        {
            size *= 2;
        }

        ReceivedChunk[] larger = new ReceivedChunk[size];
        for (int i = 0; i < Span; i++)
        {
            larger[i] = this[i];
        }

        _ring = larger;
        _head = 0;
    }
}
