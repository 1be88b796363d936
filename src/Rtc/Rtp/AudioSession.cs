using System.Buffers.Binary;
using System.Text;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Rtp;

/// <summary>The audio of one peer: packets in and out, RTCP, retransmission, redundancy. RFC 3550, RFC 4585, RFC 2198, RFC 4733.</summary>
internal sealed partial class AudioSession : IDisposable
{
    // One microphone has one source; a page that takes it away and back brings another each time, and the oldest is forgotten.
    private const int MaxStreams = 4;

    private readonly RtcPeerOptions _options;
    private readonly OutputQueue _output;
    private readonly RtcStats _stats;
    private readonly IEntropy _entropy;
    private readonly Instant _start;
    private readonly List<ReceiveStream> _streams = new(1);
    private AudioTerms? _terms;
    private SrtpSession? _srtp;
    private ReceiveStream? _current;
    private long _lostOfForgotten;
    private TelephoneEventReader? _dtmf;
    private NackList? _nacks;
    private SentHistory? _history;
    private TransportFeedback? _feedback;
    private byte[] _midBytes = [];

    public AudioSession(Instant start, IEntropy entropy, RtcPeerOptions options, OutputQueue output, RtcStats stats)
    {
        _start = start;
        _entropy = entropy;
        _options = options;
        _output = output;
        _stats = stats;
        Ssrc = entropy.NextCosmetic() | 1;

        // Half the space, so that the roll-over counter starts at zero for certain (RFC 3711 §3.3.1).
        _sequence = new SequenceNumber((ushort)(entropy.NextCosmetic() & 0x7FFF));
        CName = $"{entropy.NextCosmetic():x8}{entropy.NextCosmetic():x8}";
        _cnameBytes = Encoding.ASCII.GetBytes(CName);
    }

    public uint Ssrc { get; }

    public string CName { get; }

    /// <summary>True when packets can be sent.</summary>
    public bool CanSend => _terms is { RemoteReceives: true } && _srtp is not null;

    /// <summary>Takes what was negotiated; again after a re-offer.</summary>
    public void SetTerms(Instant now, AudioTerms terms)
    {
        _terms = terms;
        _midBytes = Encoding.ASCII.GetBytes(terms.Mid);
        _dtmf = terms.TelephoneEvents.Count > 0 ? _dtmf ?? new TelephoneEventReader() : null;
        _nacks = terms.Nack ? _nacks ?? new NackList() : null;
        _feedback = terms.TransportFeedback ? _feedback ?? new TransportFeedback(_start) : null;
        if (!terms.Nack)
        {
            _history?.Release();
            _history = null;
        }
        else
        {
            _history ??= new SentHistory();
        }

        if (_nextReport == Instant.Distant)
        {
            _nextReport = now + ReportDelay();
        }
    }

    /// <summary>Takes the keys of the DTLS handshake.</summary>
    public void SetKeys(SrtpSession srtp) => _srtp = srtp;

    /// <summary>Takes an SRTP packet; true when it is authentic.</summary>
    public bool ReceiveRtp(Instant now, Span<byte> packet)
    {
        if (_srtp is null || _terms is null)
        {
            _output.Drops.Add(DropReason.SrtpWithoutKeys, packet.Length);
            return false;
        }

        if (!RtpHeader.TryParse(packet, out RtpHeader header))
        {
            _output.Drops.Add(DropReason.RtpHeader, packet.Length);
            return false;
        }

        if (!Passed(_srtp.UnprotectRtp(packet, header, out int length), packet.Length))
        {
            return false;
        }

        ReadOnlySpan<byte> plain = packet[..length];
        if (!header.TryGetPayload(plain, out ReadOnlySpan<byte> payload))
        {
            _output.Drops.Add(DropReason.RtpPadding, length);
            return true;
        }

        if (!ReadExtensions(now, plain, header, out byte? level, out bool voice))
        {
            _output.Drops.Add(DropReason.RtpMid, length);
            return true;
        }

        if (!_terms.RemoteSends)
        {
            _output.Drops.Add(DropReason.RtpDirection, length);
            return true;
        }

        ReceiveStream stream = FindStream(header);
        ExtendedSequence extended = stream.Extend(header.Sequence);
        ExtendedSequence former = stream.Highest;
        stream.Count(extended, header.Timestamp, ArrivalClock(now));
        bool resent = _nacks?.Arrived(extended) == true;
        if (extended > former + 1)
        {
            _nacks?.NoteGap(now, former, extended);
        }

        var context = new Arrived(stream, extended, header, level, voice, now);

        // One of padding alone, with which browsers probe the path, goes the same way whatever its type (that of the packet before
        // it, RED too): whoever puts packets in order waits for its number.
        if (payload.IsEmpty || header.PayloadType == _terms.PayloadType)
        {
            if (resent)
            {
                _stats.RecoveredFromRetransmission++;
            }

            Deliver(context, extended, header.Timestamp, payload, resent);
        }
        else if (header.PayloadType == _terms.Red)
        {
            ReceiveRed(context, payload);
        }
        else if (!ReceiveTelephoneEvent(context, payload))
        {
            _output.Drops.Add(DropReason.RtpPayloadType, length);
        }

        return true;
    }

    public void Dispose()
    {
        _srtp?.Dispose();
        _history?.Release();
    }

    private bool Passed(SrtpResult result, int bytes)
    {
        if (result == SrtpResult.Ok)
        {
            return true;
        }

        _output.Drops.Add(
            result switch
            {
                SrtpResult.Replayed => DropReason.SrtpReplayed,
                SrtpResult.Unauthentic => DropReason.SrtpUnauthentic,
                SrtpResult.TooManySources => DropReason.SrtpTooManySources,
                _ => DropReason.SrtpMalformed,
            },
            bytes);
        return false;
    }

    private bool ReadExtensions(Instant now, ReadOnlySpan<byte> packet, in RtpHeader header, out byte? level, out bool voice)
    {
        level = null;
        voice = false;
        var extensions = new RtpExtensions(packet, header);
        while (extensions.MoveNext())
        {
            if (extensions.Id == _terms!.LevelExtension && extensions.Value.Length == 1)
            {
                voice = (extensions.Value[0] & 0x80) != 0;
                level = (byte)(extensions.Value[0] & 0x7F);
            }
            else if (extensions.Id == _terms.TransportSequenceExtension && extensions.Value.Length == 2)
            {
                _feedback?.Note(now, new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(extensions.Value)));
            }
            else if (extensions.Id == _terms.MidExtension && !extensions.Value.SequenceEqual(_midBytes))
            {
                return false;
            }
        }

        return true;
    }

    private ReceiveStream FindStream(in RtpHeader header)
    {
        if (_current?.Ssrc == header.Ssrc)
        {
            return _current;
        }

        foreach (ReceiveStream known in _streams)
        {
            if (known.Ssrc == header.Ssrc)
            {
                return _current = known;
            }
        }

        if (_streams.Count == MaxStreams)
        {
            int oldest = _streams[0] == _current ? 1 : 0;
            _lostOfForgotten += _streams[oldest].Lost;
            _streams.RemoveAt(oldest);
        }

        _current = new ReceiveStream(header.Ssrc, header.Sequence);
        _streams.Add(_current);
        return _current;
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
                if (blocks.PayloadType == _terms!.PayloadType)
                {
                    Deliver(context, extended, context.Header.Timestamp, blocks.Payload, recovered: false);
                }
                else if (!ReceiveTelephoneEvent(context, blocks.Payload, blocks.PayloadType))
                {
                    _output.Drops.Add(DropReason.RtpPayloadType, blocks.Payload.Length);
                }
            }
            else if (blocks.PayloadType == _terms!.PayloadType && context.Stream.IsMissing(extended))
            {
                _nacks?.Arrived(extended);
                _stats.RecoveredFromRed++;
                Deliver(context, extended, context.Header.Timestamp - blocks.TimestampOffset, blocks.Payload, recovered: true);
            }
        }
    }

    private bool ReceiveTelephoneEvent(in Arrived context, ReadOnlySpan<byte> payload, byte? payloadType = null)
    {
        foreach ((byte type, int clock) in _terms!.TelephoneEvents)
        {
            if (type == (payloadType ?? context.Header.PayloadType))
            {
                // In the place of sound, and of a clock that may be another one: what puts packets in order needs the number alone.
                Deliver(context, context.Extended, context.Stream.AudioTimestamp, [], recovered: false);
                return _dtmf!.Receive(context.Now, payload, context.Header.Timestamp, clock, _output);
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
            PayloadType = _terms!.PayloadType,
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

    private RtpTimestamp ArrivalClock(Instant now) =>
        new RtpTimestamp(0) + ((now - _start).Ticks * (_terms!.ClockRate / 1000) / TimeSpan.TicksPerMillisecond);

    private readonly record struct Arrived(ReceiveStream Stream, ExtendedSequence Extended, RtpHeader Header, byte? Level, bool Voice, Instant Now);
}
