using System.Buffers.Binary;
using System.Text;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Rtp;

/// <summary>Packets out: header, extensions, redundancy (RFC 2198), and what a NACK may ask for again (RFC 4585 §6.2.1).</summary>
internal sealed class AudioSender
{
    // Fixed header, extension header, three extensions with a mid of up to 16 bytes, padded.
    private const int MaxHeader = RtpHeader.FixedSize + 4 + 28;

    private const int MaxRedPayload = 1023;
    private const int MaxRedOffset = 0x3FFF;

    // The mid identifies the stream until the remote side has latched on to the source (RFC 8843 §15).
    private const int MidPackets = 100;

    private const double LossThatAsksForRedundancy = 0.02;

    private readonly RtcPeerOptions _options;
    private readonly OutputQueue _output;
    private readonly RtcStats _stats;
    private readonly uint _ssrc;
    private readonly PathMonitor _path;
    private SequenceNumber _sequence;
    private SequenceNumber _transportSequence;
    private byte[] _midBytes = [];
    private byte[]? _previousPayload;
    private int _previousLength;
    private RtpTimestamp _previousTimestamp;
    private SentHistory? _history;
    private long _queuedBefore;

    public AudioSender(IEntropy entropy, RtcPeerOptions options, OutputQueue output, RtcStats stats, uint ssrc, PathMonitor path)
    {
        _options = options;
        _output = output;
        _stats = stats;
        _ssrc = ssrc;
        _path = path;

        // Half the space, so that the roll-over counter starts at zero for certain (RFC 3711 §3.3.1).
        _sequence = new SequenceNumber((ushort)(entropy.NextCosmetic() & 0x7FFF));
    }

    /// <summary>The timestamp of the packet sent last.</summary>
    public RtpTimestamp LastTimestamp { get; private set; }

    public Instant LastSentAt { get; private set; }

    /// <summary>
    /// Bytes from the audio packet before the last one to the last one, itself and all else that was sent in between; IP and UDP counted.
    /// </summary>
    public int LastSize { get; private set; }

    /// <summary>Additions that may be made to the codec's packets.</summary>
    public OutgoingShape Shape { get; set; }

    public void SetTerms(AudioTerms terms)
    {
        _midBytes = Encoding.ASCII.GetBytes(terms.Mid);
        if (terms.Nack)
        {
            _history ??= new SentHistory();
        }
        else
        {
            Release();
        }
    }

    /// <summary>Builds, protects and queues one packet.</summary>
    public bool TrySend(
        Instant now,
        Route to,
        AudioTerms terms,
        SrtpSession srtp,
        ReadOnlySpan<byte> payload,
        RtpTimestamp timestamp,
        bool marker,
        byte? level)
    {
        if (!terms.RemoteReceives || payload.IsEmpty || payload.Length > _options.Mtu - MaxHeader - srtp.RtpOverhead)
        {
            return false;
        }

        byte[] buffer = OutputQueue.Rent();
        int headerLength = WriteHeader(buffer, terms, timestamp, marker, level);
        int length = headerLength;
        if (terms.Red is { } red && WantsRedundancy())
        {
            buffer[1] = (byte)((buffer[1] & 0x80) | red);
            int room = _options.Mtu - headerLength - srtp.RtpOverhead;
            length += WriteRed(buffer.AsSpan(headerLength), terms.PayloadType, payload, timestamp, room);
        }
        else
        {
            payload.CopyTo(buffer.AsSpan(length));
            length += payload.Length;
        }

        if (Shape.Padding is > 0 and var padding && length + padding + srtp.RtpOverhead <= _options.Mtu)
        {
            // RFC 3550 §5.1: the last byte counts the padding, itself included.
            buffer.AsSpan(length, padding - 1).Clear();
            length += padding;
            buffer[length - 1] = padding;
            buffer[0] |= 0x20;
        }

        Remember(terms, payload, timestamp);
        length = srtp.ProtectRtp(buffer, headerLength, length);
        _history?.Add(now, _sequence, buffer.AsSpan(0, length));
        _output.AddDatagram(buffer, length, to);
        LastSize = (int)Math.Min(_output.BytesQueued - _queuedBefore, int.MaxValue);
        _queuedBefore = _output.BytesQueued;
        if (SendsTransportSequence(terms))
        {
            _path.Sent(now, _transportSequence, LastSize);
            _transportSequence += 1;
        }

        _sequence += 1;
        LastTimestamp = timestamp;
        LastSentAt = now;
        _stats.AudioPacketsSent++;
        _stats.AudioBytesSent += payload.Length;
        return true;
    }

    /// <summary>Sends again what a NACK asks for: PID(16) and a bit mask of the 16 after it, repeated.</summary>
    public void Resend(Instant now, ReadOnlySpan<byte> fci, Route to)
    {
        // On a narrow path what was lost was too much: sent again it would be so once more.
        if (_history is null || Shape.Rate is not null)
        {
            return;
        }

        for (; fci.Length >= 4; fci = fci[4..])
        {
            SequenceNumber first = new(BinaryPrimitives.ReadUInt16BigEndian(fci));
            uint mask = ((uint)BinaryPrimitives.ReadUInt16BigEndian(fci[2..]) << 1) | 1;
            for (int i = 0; i <= 16; i++)
            {
                if ((mask & (1u << i)) == 0)
                {
                    continue;
                }

                ReadOnlySpan<byte> packet = _history.Take(now, first + i);
                if (!packet.IsEmpty)
                {
                    _stats.Retransmissions++;
                    _path.SentAgain(_transportSequence + (first + i - _sequence));
                    _output.AddDatagram(packet, to);
                }
            }
        }
    }

    /// <summary>Gives the packets kept for NACK back.</summary>
    public void Release()
    {
        _history?.Release();
        _history = null;
    }

    private int WriteHeader(Span<byte> buffer, AudioTerms terms, RtpTimestamp timestamp, bool marker, byte? level)
    {
        buffer[0] = 0x80;
        buffer[1] = (byte)((marker ? 0x80 : 0) | terms.PayloadType);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], _sequence.Value);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[8..], _ssrc);

        // One-byte elements throughout; ids above 14 would need the long form, which costs every packet, so they go without.
        Span<byte> elements = buffer[(RtpHeader.FixedSize + 4)..];
        int length = 0;
        if (level is { } value && terms.LevelExtension is > 0 and < 15)
        {
            elements[length++] = (byte)(terms.LevelExtension << 4);
            elements[length++] = (byte)((value < 127 ? 0x80 : 0) | Math.Min(value, (byte)127));
        }

        if (SendsTransportSequence(terms))
        {
            elements[length++] = (byte)((terms.TransportSequenceExtension << 4) | 1);
            BinaryPrimitives.WriteUInt16BigEndian(elements[length..], _transportSequence.Value);
            length += 2;
        }

        if (terms.MidExtension is > 0 and < 15 && _stats.AudioPacketsSent < MidPackets)
        {
            elements[length++] = (byte)((terms.MidExtension << 4) | (_midBytes.Length - 1));
            _midBytes.CopyTo(elements[length..]);
            length += _midBytes.Length;
        }

        if (length == 0)
        {
            return RtpHeader.FixedSize;
        }

        while (length % 4 != 0)
        {
            elements[length++] = 0;
        }

        buffer[0] |= 0x10;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[RtpHeader.FixedSize..], 0xBEDE);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(RtpHeader.FixedSize + 2)..], (ushort)(length / 4));
        return RtpHeader.FixedSize + 4 + length;
    }

    private static bool SendsTransportSequence(AudioTerms terms) =>
        terms.TransportFeedback && terms.TransportSequenceExtension is > 0 and < 15;

    private bool WantsRedundancy() => !Shape.WithoutRedundancy && _options.Redundancy switch
    {
        Redundancy.Always => true,
        Redundancy.WhenLossy => _stats.RemoteLoss >= LossThatAsksForRedundancy,
        _ => false,
    };

    private int WriteRed(Span<byte> buffer, byte codec, ReadOnlySpan<byte> payload, RtpTimestamp timestamp, int room)
    {
        int offset = timestamp - _previousTimestamp;
        int length = 0;
        bool repeat = _previousLength is > 0 and <= MaxRedPayload && offset is > 0 and <= MaxRedOffset
            && 5 + _previousLength + payload.Length <= room;
        if (repeat)
        {
            BinaryPrimitives.WriteUInt32BigEndian(buffer, 0x8000_0000 | ((uint)codec << 24) | ((uint)offset << 10) | (uint)_previousLength);
            length = 4;
        }

        buffer[length++] = codec;
        if (repeat)
        {
            _previousPayload.AsSpan(0, _previousLength).CopyTo(buffer[length..]);
            length += _previousLength;
        }

        payload.CopyTo(buffer[length..]);
        return length + payload.Length;
    }

    private void Remember(AudioTerms terms, ReadOnlySpan<byte> payload, RtpTimestamp timestamp)
    {
        if (terms.Red is null || _options.Redundancy == Redundancy.Off)
        {
            return;
        }

        _previousLength = payload.Length <= MaxRedPayload ? payload.Length : 0;
        _previousTimestamp = timestamp;
        _previousPayload ??= new byte[MaxRedPayload];
        payload[.._previousLength].CopyTo(_previousPayload);
    }
}
