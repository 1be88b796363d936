using System.Buffers;

namespace Bridge.Rtc.Sctp;

/// <summary>
/// Puts messages together from the chunks that come in order (RFC 9260 §6.9), and knows the SSN that each stream goes on with.
/// </summary>
internal sealed class MessageAssembler(SctpOptions options, Drops drops)
{
    private readonly Queue<InboundMessage> _whole = new(0);
    private readonly Dictionary<ushort, Ssn> _nextSsn = [];

    private byte[]? _partial;
    private int _partialLength;
    private bool _partialOversize;
    private bool _assembling;
    private ushort _partialStream;
    private int _expectedLength;

    public bool TryDequeue(out InboundMessage message) => _whole.TryDequeue(out message);

    public Ssn NextSsn(ushort stream) => _nextSsn.GetValueOrDefault(stream);

    /// <summary>The peer gave up the messages of a stream before an SSN.</summary>
    public void SkipTo(ushort stream, Ssn next)
    {
        if (stream < SctpOptions.MaxStreams && next > NextSsn(stream))
        {
            _nextSsn[stream] = next;
        }
    }

    public void ResetStream(ushort stream) => _nextSsn.Remove(stream);

    public void ResetAllStreams() => _nextSsn.Clear();

    /// <summary>Adds the chunk that follows the cumulative TSN to the message in the making.</summary>
    public void Add(ushort stream, Ssn ssn, uint ppid, byte flags, ReadOnlySpan<byte> payload)
    {
        bool unordered = (flags & DataChunk.Unordered) != 0;
        if ((flags & DataChunk.Begin) != 0)
        {
            DropPartial();
            if ((flags & DataChunk.End) != 0)
            {
                bool tooLong = payload.Length > options.MaxReceiveMessageSize;
                byte[] whole = tooLong ? [] : ArrayPool<byte>.Shared.Rent(payload.Length);
                payload[..(tooLong ? 0 : payload.Length)].CopyTo(whole);
                AddWhole(stream, ssn, ppid, unordered, whole, tooLong ? 0 : payload.Length, tooLong);
                return;
            }

            _assembling = true;
            _partialStream = stream;
        }
        else if (!_assembling || stream != _partialStream)
        {
            // The rest of a message whose beginning was given up, or a peer that mixes messages.
            DropPartial();
            drops.Add(DropReason.SctpUnexpected, payload.Length);
            return;
        }

        Append(payload);
        if ((flags & DataChunk.End) != 0)
        {
            byte[] buffer = _partial ?? [];
            int length = _partialLength;
            bool oversize = _partialOversize;
            _partial = null;
            _expectedLength = length;
            DropPartial();
            AddWhole(stream, ssn, ppid, unordered, buffer, length, oversize);
        }
    }

    private void Append(ReadOnlySpan<byte> payload)
    {
        int length = _partialLength + payload.Length;
        if (_partialOversize || length > options.MaxReceiveMessageSize)
        {
            DropPartial();
            _partialOversize = true;
            _assembling = true;
            return;
        }

        if (_partial is null || _partial.Length < length)
        {
            // The last message's length is the best guess for this one's.
            int size = _partial is null ? Math.Max(length * 4, _expectedLength) : length * 2;
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(size, options.MaxReceiveMessageSize));
            if (_partial is { } smaller)
            {
                smaller.AsSpan(0, _partialLength).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(smaller);
            }

            _partial = larger;
        }

        payload.CopyTo(_partial.AsSpan(_partialLength));
        _partialLength = length;
    }

    /// <summary>Forgets the message in the making.</summary>
    public void DropPartial()
    {
        if (_partial is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _partial = null;
        }

        _partialLength = 0;
        _partialOversize = false;
        _assembling = false;
    }

    /// <summary>Adds a message that was put together elsewhere; the buffer is taken over.</summary>
    public void AddWhole(ushort stream, Ssn ssn, uint ppid, bool unordered, byte[] buffer, int length, bool oversize)
    {
        if (!unordered && stream < SctpOptions.MaxStreams)
        {
            // TSN order is the sender's order, so a number that doesn't fit is the sender's affair; we go on from it.
            _nextSsn[stream] = ssn.Next;
        }

        _whole.Enqueue(new InboundMessage(stream, ppid, buffer, length, oversize));
    }
}
