using System.Buffers;
using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>
/// The receiving half: what arrived, what is missing, reassembly and delivery (RFC 9260 §6.2, §6.5, §6.9, §6.10),
/// and when to acknowledge.
/// </summary>
/// <remarks>
/// Without I-DATA the chunks of one message have consecutive TSN. So at the cumulative TSN at most one message is
/// in the making, whatever the number of streams, and everything else waits behind a gap in one ring.
/// Whole messages behind a gap that owe nothing to it (unordered ones, other streams) are delivered at once.
/// </remarks>
internal sealed class DataReceiver
{
    /// <summary>The number of such packets in the socket buffer that Linux grants by default.</summary>
    private const int MaxRwndOnShortPaths = 64 * 1024;
    private const int MaxGapBlocks = 64;
    private const int MaxDuplicateTsns = 16;

    private readonly SctpOptions _options;
    private readonly SctpStats _stats;
    private readonly Drops _drops;
    private readonly SctpEvents _events;
    private readonly RoundTripEstimator _roundTrip;
    private readonly DataPace _pace;
    private readonly ReceivedChunks _ahead;
    private readonly MessageAssembler _assembler;
    private readonly List<Tsn> _duplicates = new(0);

    private Instant _acknowledgeAt = Instant.Distant;
    private int _packetsUnacknowledged;

    public DataReceiver(
        SctpOptions options, SctpStats stats, Drops drops, SctpEvents events, RoundTripEstimator roundTrip, DataPace pace, Tsn first)
    {
        _pace = pace;
        _roundTrip = roundTrip;
        _options = options;
        _stats = stats;
        _drops = drops;
        _events = events;
        _ahead = new ReceivedChunks(first - 1);
        _assembler = new MessageAssembler(options, drops);
    }

    public Tsn Cumulative => _ahead.Cumulative;

    /// <summary>When the pending SACK is due; <see cref="Instant.Distant"/> when none is.</summary>
    public Instant AcknowledgeAt => _acknowledgeAt;

    /// <summary>The rwnd to advertise while nothing is held: no more than the path makes use of.</summary>
    public static long Window(SctpOptions options, RoundTripEstimator roundTrip) =>
        Math.Min(options.ReceiveBufferSize, Math.Max(MaxRwndOnShortPaths, roundTrip.PathCapacity));

    /// <summary>Takes a DATA chunk. Call <see cref="EndOfPacket"/> after the last of a packet.</summary>
    public void Receive(Instant now, in DataChunk data)
    {
        int index = data.Tsn - _ahead.Cumulative - 1;
        if (index < 0 || _ahead.Contains(index))
        {
            _stats.DuplicateChunks++;
            if (_duplicates.Count < MaxDuplicateTsns)
            {
                _duplicates.Add(data.Tsn);
            }

            AcknowledgeNow(now);
            return;
        }

        // A chunk that closes the gap is always taken: it frees more than it costs.
        if (index >= ReceivedChunks.Capacity || (index > 0 && Held >= _options.ReceiveBufferSize))
        {
            _drops.Add(DropReason.SctpWindow, data.Payload.Length);
            AcknowledgeNow(now);
            return;
        }

        if ((data.Flags & DataChunk.Immediate) != 0 && !_pace.IsLimited)
        {
            // Soon rather than at once: an answer that is being made right now takes the SACK along.
            _acknowledgeAt = Instant.Min(_acknowledgeAt, now + TimeSpan.FromMilliseconds(1));
        }

        if (index == 0 && _ahead.Span == 0)
        {
            _assembler.Add(data.Stream, data.Ssn, data.Ppid, data.Flags, data.Payload);
            _ahead.Advance();
        }
        else
        {
            _ahead.Add(index, data);
        }
    }

    /// <summary>Delivers what a packet with DATA completed, and decides when to acknowledge it (§6.2).</summary>
    public void EndOfPacket(Instant now)
    {
        _packetsUnacknowledged++;
        bool hadGap = _ahead.Span > 0;
        Drain();
        if (_ahead.Span > 0)
        {
            DeliverAhead();
        }

        if (hadGap || _packetsUnacknowledged >= (_pace.IsLimited ? 4 : 2))
        {
            AcknowledgeNow(now);
        }
        else
        {
            var delay = _pace.IsLimited ? SctpOptions.LongAcknowledgementDelay : SctpOptions.AcknowledgementDelay;
            _acknowledgeAt = Instant.Min(_acknowledgeAt, now + delay);
        }
    }

    /// <summary>The peer gave up everything to a TSN (RFC 3758 §3.6).</summary>
    public void Forward(Instant now, in ForwardTsnChunk forward)
    {
        AcknowledgeNow(now);
        if (forward.Cumulative <= _ahead.Cumulative)
        {
            return;
        }

        // The next chunk is skipped, and with it the message in the making.
        _assembler.DropPartial();
        while (_ahead.Span > 0 && _ahead.Cumulative < forward.Cumulative)
        {
            int whole = WholeMessageAt(0, out int length);
            if (whole > 0 && _ahead.Cumulative + whole <= forward.Cumulative)
            {
                Deliver(0, whole, length);
            }

            _ahead.Advance();
        }

        if (_ahead.Cumulative < forward.Cumulative)
        {
            _ahead.SkipTo(forward.Cumulative);
        }

        for (int i = 0; i < forward.StreamCount; i++)
        {
            (ushort stream, Ssn ssn) = forward.Skipped(i);
            _assembler.SkipTo(stream, ssn.Next);
        }

        Drain();
        if (_ahead.Span > 0)
        {
            DeliverAhead();
        }
    }

    /// <summary>The peer starts a stream anew (RFC 6525 §5.2.2).</summary>
    public void ResetStream(ushort stream) => _assembler.ResetStream(stream);

    /// <summary>The peer starts every stream anew.</summary>
    public void ResetAllStreams() => _assembler.ResetAllStreams();

    public bool TryTakeMessage(out InboundMessage message) => _assembler.TryDequeue(out message);

    public void AcknowledgeNow(Instant now) => _acknowledgeAt = Instant.Min(_acknowledgeAt, now);

    /// <summary>Writes the pending SACK, if the packet has room.</summary>
    public void WriteSack(ref PacketWriter packet)
    {
        Span<(ushort Start, ushort End)> gaps = stackalloc (ushort, ushort)[MaxGapBlocks];
        int count = FindGaps(gaps);
        if (packet.Room < 12 + (4 * (count + _duplicates.Count)))
        {
            return;
        }

        Span<byte> value = packet.Append(ChunkType.Sack, 0, 12 + (4 * (count + _duplicates.Count)));
        BinaryPrimitives.WriteUInt32BigEndian(value, _ahead.Cumulative.Value);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], (uint)Math.Max(0, Window(_options, _roundTrip) - Held));
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], (ushort)count);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], (ushort)_duplicates.Count);
        value = value[12..];
        foreach ((ushort start, ushort end) in gaps[..count])
        {
            BinaryPrimitives.WriteUInt16BigEndian(value, start);
            BinaryPrimitives.WriteUInt16BigEndian(value[2..], end);
            value = value[4..];
        }

        foreach (Tsn duplicate in _duplicates)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value, duplicate.Value);
            value = value[4..];
        }

        _duplicates.Clear();
        _packetsUnacknowledged = 0;
        _acknowledgeAt = Instant.Distant;
    }

    private long Held => _ahead.Held + _events.Held;

    private int FindGaps(Span<(ushort Start, ushort End)> gaps)
    {
        int count = 0;
        for (int i = 0; i < _ahead.Span && count < gaps.Length; i++)
        {
            if (!_ahead[i].Present)
            {
                continue;
            }

            int start = i;
            while (i + 1 < _ahead.Span && _ahead[i + 1].Present)
            {
                i++;
            }

            gaps[count++] = ((ushort)(start + 1), (ushort)(i + 1));
        }

        return count;
    }

    /// <summary>Moves what has no gap before it any more from the ring to reassembly.</summary>
    private void Drain()
    {
        while (_ahead.Contains(0))
        {
            ref ReceivedChunk chunk = ref _ahead[0];
            if (chunk.HasBytes)
            {
                _assembler.Add(chunk.Stream, chunk.Ssn, chunk.Ppid, chunk.Flags, chunk.Bytes);
            }

            _ahead.Advance();
        }
    }

    /// <summary>Delivers whole messages that lie behind a gap and don't depend on what is missing. One pass over the ring.</summary>
    private void DeliverAhead()
    {
        for (int i = 0; i < _ahead.Span;)
        {
            int count = WholeMessageAt(i, out int length);
            if (count > 0 && (_ahead[i].IsUnordered || _ahead[i].Ssn == _assembler.NextSsn(_ahead[i].Stream)))
            {
                Deliver(i, count, length);
            }

            i += Math.Max(1, count);
        }
    }

    /// <summary>How many chunks the whole message has that begins here; 0 when none does or a chunk of it is missing.</summary>
    private int WholeMessageAt(int index, out int length)
    {
        length = 0;
        ref ReceivedChunk first = ref _ahead[index];
        if (!first.Present || !first.HasBytes || !first.Begins)
        {
            return 0;
        }

        for (int i = index; i < _ahead.Span; i++)
        {
            ref ReceivedChunk chunk = ref _ahead[i];
            bool same = chunk.Present && chunk.HasBytes
                && chunk.Stream == first.Stream && chunk.Ssn == first.Ssn && chunk.IsUnordered == first.IsUnordered;
            if (!same || (i > index && chunk.Begins))
            {
                return 0;
            }

            length += chunk.Length;
            if (chunk.Ends)
            {
                return i - index + 1;
            }
        }

        return 0;
    }

    private void Deliver(int index, int count, int length)
    {
        ref ReceivedChunk first = ref _ahead[index];
        bool oversize = length > _options.MaxReceiveMessageSize;
        byte[] buffer = oversize ? [] : ArrayPool<byte>.Shared.Rent(length);
        int at = 0;
        for (int i = index; i < index + count; i++)
        {
            if (!oversize)
            {
                _ahead[i].Bytes.CopyTo(buffer.AsSpan(at));
                at += _ahead[i].Length;
            }

            _ahead.Release(i);
        }

        _assembler.AddWhole(first.Stream, first.Ssn, first.Ppid, first.IsUnordered, buffer, oversize ? 0 : length, oversize);
    }
}
