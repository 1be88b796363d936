using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>
/// Walks the packets of one transport-wide feedback message in the order of their numbers;
/// draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.
/// </summary>
/// <remarks>
/// <code>
/// base sequence number(16) | packet status count(16)
/// reference time(24, 64 ms) | feedback packet count(8)
/// packet chunks(16 each) | receive deltas(8 or 16 each, 250 µs)
/// </code>
/// </remarks>
internal ref struct FeedbackReader
{
    private const int HeaderSize = 8;

    // More than a sender of audio has under way; it bounds the work that a hostile run length can ask for.
    private const int MaxCount = 2048;

    private readonly SequenceNumber _first;
    private readonly int _count;
    private ReadOnlySpan<byte> _chunks;
    private ReadOnlySpan<byte> _deltas;
    private int _position;
    private int _chunk;
    private int _chunkRest;

    private FeedbackReader(SequenceNumber first, int count, int reference, ReadOnlySpan<byte> chunks, ReadOnlySpan<byte> deltas)
    {
        _first = first;
        _count = count;
        Reference = reference;
        _chunks = chunks;
        _deltas = deltas;
    }

    /// <summary>The reference time in steps of 64 ms, 24 bits of an arbitrary clock.</summary>
    public int Reference { get; }

    /// <summary>The number of the packet.</summary>
    public readonly SequenceNumber Sequence => _first + (_position - 1);

    /// <summary>Whether it arrived.</summary>
    public bool Arrived { get; private set; }

    /// <summary>When it arrived, in steps of 250 µs from the reference time.</summary>
    public int Arrival { get; private set; }

    /// <summary>Looks at the head of a message. False when it is malformed.</summary>
    public static bool TryStart(ReadOnlySpan<byte> fci, out FeedbackReader reader)
    {
        reader = default;
        if (fci.Length < HeaderSize)
        {
            return false;
        }

        int count = BinaryPrimitives.ReadUInt16BigEndian(fci[2..]);
        int reference = (int)(BinaryPrimitives.ReadUInt32BigEndian(fci[4..]) >> 8);
        ReadOnlySpan<byte> rest = fci[HeaderSize..];
        int chunks = 0;
        for (int told = 0; told < count; chunks += 2)
        {
            if (rest.Length < chunks + 2)
            {
                return false;
            }

            told += SymbolCount(BinaryPrimitives.ReadUInt16BigEndian(rest[chunks..]));
        }

        var first = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(fci));
        reader = new FeedbackReader(first, count, reference, rest[..chunks], rest[chunks..]);
        return count is > 0 and <= MaxCount;
    }

    /// <summary>Goes to the next packet; a malformed rest ends the iteration.</summary>
    public bool MoveNext()
    {
        if (_position >= _count)
        {
            return false;
        }

        while (_chunkRest == 0)
        {
            _chunk = BinaryPrimitives.ReadUInt16BigEndian(_chunks);
            _chunks = _chunks[2..];
            _chunkRest = SymbolCount(_chunk);
            if (_chunkRest == 0 && _chunks.IsEmpty)
            {
                return false;
            }
        }

        // 0: did not arrive, 1: small delta, 2: large or negative delta, 3: reserved.
        int symbol = Symbol();
        _position++;
        _chunkRest--;
        int size = symbol;
        if (symbol == 3 || _deltas.Length < size)
        {
            _position = _count;
            return false;
        }

        Arrived = symbol != 0;
        Arrival += symbol switch { 1 => _deltas[0], 2 => BinaryPrimitives.ReadInt16BigEndian(_deltas), _ => 0 };
        _deltas = _deltas[size..];
        return true;
    }

    // Run: 0|symbol(2)|length(13). Vector: 1|0|14 symbols of one bit, or 1|1|7 symbols of two.
    private static int SymbolCount(int chunk) => (chunk & 0x8000) == 0 ? chunk & 0x1FFF : (chunk & 0x4000) == 0 ? 14 : 7;

    private readonly int Symbol() => (_chunk & 0x8000) == 0
        ? (_chunk >> 13) & 3
        : (_chunk & 0x4000) == 0 ? (_chunk >> (_chunkRest - 1)) & 1 : (_chunk >> (2 * (_chunkRest - 1))) & 3;
}
