using System.Buffers.Binary;
using System.Text;
using Bridge.Rtc.Sdp;

namespace Bridge.Rtc.Rtp;

/// <summary>
/// Packets in, after decryption: sources, extensions, redundancy (RFC 2198), telephone events (RFC 4733), and what is missing.
/// </summary>
internal sealed class AudioReceiver
{
    // One microphone has one source; a page that takes it away and back brings another each time, and the oldest is forgotten.
    private const int MaxStreams = 4;

    private readonly OutputQueue _output;
    private readonly RtcStats _stats;
    private readonly Instant _start;
    private byte[] _midBytes = [];
    private long _lostOfForgotten;
    private TelephoneEventReader? _telephoneEvents;

    public AudioReceiver(Instant start, OutputQueue output, RtcStats stats)
    {
        _start = start;
        _output = output;
        _stats = stats;
    }

    /// <summary>The remote sources, the oldest first.</summary>
    public List<ReceiveStream> Streams { get; } = new(1);

    /// <summary>The source of the packet received last; null before the first.</summary>
    public ReceiveStream? Current { get; private set; }

    /// <summary>Packets to be asked for; null where NACK was not agreed on.</summary>
    public NackList? Nacks { get; private set; }

    /// <summary>Arrivals to be reported; null where that was not agreed on.</summary>
    public TransportFeedback? Feedback { get; private set; }

    /// <summary>When a key press without an end is given up.</summary>
    public Deadline TelephoneEventDeadline => _telephoneEvents?.NextDeadline ?? Deadline.Never;

    public void SetTerms(AudioTerms terms)
    {
        _midBytes = Encoding.ASCII.GetBytes(terms.Mid);
        _telephoneEvents = terms.TelephoneEvents.Count > 0 ? _telephoneEvents ?? new TelephoneEventReader() : null;
        Nacks = terms.Nack ? Nacks ?? new NackList() : null;
        Feedback = terms.TransportFeedback ? Feedback ?? new TransportFeedback(_start) : null;
    }

    /// <summary>Runs what is due and brings the counters up to date.</summary>
    public void Advance(Instant now)
    {
        _telephoneEvents?.Advance(now, _output);
        long lost = _lostOfForgotten;
        foreach (ReceiveStream stream in Streams)
        {
            lost += stream.Lost;
        }

        _stats.AudioPacketsLost = lost;
        _stats.Jitter = Current?.Jitter ?? 0;
    }

    /// <summary>Notes a sender report (RFC 3550 §6.4.1).</summary>
    public void NoteReport(Instant now, uint ssrc, uint middleOfNtp) =>
        Streams.Find(stream => stream.Ssrc == ssrc)?.NoteReport(middleOfNtp, now);

    /// <summary>Takes an authentic packet.</summary>
    public void Receive(Instant now, ReadOnlySpan<byte> packet, in RtpHeader header, AudioTerms terms)
    {
        if (!header.TryGetPayload(packet, out ReadOnlySpan<byte> payload))
        {
            _output.Drops.Add(DropReason.RtpPadding, packet.Length);
            return;
        }

        if (!ReadExtensions(now, packet, header, terms, out byte? level, out bool voice))
        {
            _output.Drops.Add(DropReason.RtpMid, packet.Length);
            return;
        }

        if (!terms.RemoteSends)
        {
            _output.Drops.Add(DropReason.RtpDirection, packet.Length);
            return;
        }

        ReceiveStream stream = FindStream(header);
        ExtendedSequence extended = stream.Extend(header.Sequence);
        ExtendedSequence former = stream.Highest;
        stream.Count(extended, header.Timestamp, ArrivalClock(now, terms.ClockRate));
        bool resent = Nacks?.Arrived(extended) == true;
        if (extended > former + 1)
        {
            Nacks?.NoteGap(now, former, extended);
        }

        var context = new Arrived(stream, extended, header, level, voice, now, terms);

        // One of padding alone, with which browsers probe the path, goes the same way whatever its type (that of the packet before
        // it, RED too): the reorder buffer waits for its number.
        if (payload.IsEmpty || header.PayloadType == terms.PayloadType)
        {
            if (resent)
            {
                _stats.RecoveredFromRetransmission++;
            }

            Deliver(context, extended, header.Timestamp, payload, resent);
        }
        else if (header.PayloadType == terms.Red)
        {
            ReceiveRed(context, payload);
        }
        else if (!ReceiveTelephoneEvent(context, payload, header.PayloadType))
        {
            _output.Drops.Add(DropReason.RtpPayloadType, packet.Length);
        }
    }

    private bool ReadExtensions(
        Instant now, ReadOnlySpan<byte> packet, in RtpHeader header, AudioTerms terms, out byte? level, out bool voice)
    {
        level = null;
        voice = false;
        var extensions = new RtpExtensions(packet, header);
        while (extensions.MoveNext())
        {
            if (extensions.Id == terms.LevelExtension && extensions.Value.Length == 1)
            {
                voice = (extensions.Value[0] & 0x80) != 0;
                level = (byte)(extensions.Value[0] & 0x7F);
            }
            else if (extensions.Id == terms.TransportSequenceExtension && extensions.Value.Length == 2)
            {
                Feedback?.Note(now, new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(extensions.Value)));
            }
            else if (extensions.Id == terms.MidExtension && !extensions.Value.SequenceEqual(_midBytes))
            {
                return false;
            }
        }

        return true;
    }

    private ReceiveStream FindStream(in RtpHeader header)
    {
        if (Current?.Ssrc == header.Ssrc)
        {
            return Current;
        }

        foreach (ReceiveStream known in Streams)
        {
            if (known.Ssrc == header.Ssrc)
            {
                return Current = known;
            }
        }

        if (Streams.Count == MaxStreams)
        {
            int oldest = Streams[0] == Current ? 1 : 0;
            _lostOfForgotten += Streams[oldest].Lost;
            Streams.RemoveAt(oldest);
        }

        Current = new ReceiveStream(header.Ssrc, header.Sequence);
        Streams.Add(Current);
        return Current;
    }

    private void ReceiveRed(in Arrived context, ReadOnlySpan<byte> payload)
    {
        if (!RedReader.TryParse(payload, out RedReader blocks))
        {
            _output.Drops.Add(DropReason.RedMalformed, payload.Length);
            return;
        }

        while (blocks.MoveNext())
        {
            ExtendedSequence extended = context.Extended - blocks.Distance;
            if (blocks.Payload.IsEmpty)
            {
                continue;
            }

            if (blocks.Distance == 0)
            {
                if (blocks.PayloadType == context.Terms.PayloadType)
                {
                    Deliver(context, extended, context.Header.Timestamp, blocks.Payload, recovered: false);
                }
                else if (!ReceiveTelephoneEvent(context, blocks.Payload, blocks.PayloadType))
                {
                    _output.Drops.Add(DropReason.RtpPayloadType, blocks.Payload.Length);
                }
            }
            else if (blocks.PayloadType == context.Terms.PayloadType && context.Stream.IsMissing(extended))
            {
                Nacks?.Arrived(extended);
                _stats.RecoveredFromRed++;
                Deliver(context, extended, context.Header.Timestamp - blocks.TimestampOffset, blocks.Payload, recovered: true);
            }
        }
    }

    private bool ReceiveTelephoneEvent(in Arrived context, ReadOnlySpan<byte> payload, byte payloadType)
    {
        foreach ((byte type, int clock) in context.Terms.TelephoneEvents)
        {
            if (type == payloadType)
            {
                // In the place of sound, and of a clock that may be another one: the reorder buffer needs the number alone.
                Deliver(context, context.Extended, context.Stream.AudioTimestamp, [], recovered: false);
                return _telephoneEvents!.Receive(context.Now, context.Header, payload, clock, _output);
            }
        }

        return false;
    }

    private void Deliver(in Arrived context, ExtendedSequence extended, RtpTimestamp timestamp, ReadOnlySpan<byte> payload, bool recovered)
    {
        if (!context.Stream.TryDeliver(extended))
        {
            return;
        }

        if (!payload.IsEmpty)
        {
            _stats.AudioPacketsReceived++;
            _stats.AudioBytesReceived += payload.Length;
            context.Stream.AudioTimestamp = timestamp;
        }

        _output.AddAudio(new RtpPacket
        {
            Payload = payload,
            PayloadType = context.Terms.PayloadType,
            Sequence = extended.Wire.Value,
            Timestamp = timestamp.Value,
            Ssrc = context.Header.Ssrc,
            Marker = context.Header.Marker && extended == context.Extended,
            Level = context.Level,
            VoiceActivity = context.Voice,
            Recovered = recovered,
            Arrival = context.Now,
        });
    }

    private RtpTimestamp ArrivalClock(Instant now, int clockRate) =>
        new RtpTimestamp(0) + ((now - _start).Ticks * (clockRate / 1000) / TimeSpan.TicksPerMillisecond);

    private readonly record struct Arrived(
        ReceiveStream Stream, ExtendedSequence Extended, RtpHeader Header, byte? Level, bool Voice, Instant Now, AudioTerms Terms);
}
