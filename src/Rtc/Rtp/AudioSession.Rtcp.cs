using System.Buffers.Binary;

namespace Bridge.Rtc.Rtp;

/// <summary>RTCP: reports, NACK, transport feedback, BYE; RFC 3550 §6, RFC 4585 §6.</summary>
internal sealed partial class AudioSession
{
    // Room for reports, SDES, NACK and feedback together; far below every MTU.
    private const int RtcpRoom = 900;

    private readonly byte[] _cnameBytes;
    private Instant _nextReport = Instant.Distant;
    private bool _sentSinceReport;
    private long _packetsAtReport;
    private long _receivedAtReport;
    private int _quietReports;

    /// <summary>Takes an SRTCP packet; true when it is authentic.</summary>
    public bool ReceiveRtcp(Instant now, Span<byte> packet, Route to)
    {
        if (_srtp is null)
        {
            _output.Drops.Add(DropReason.SrtpWithoutKeys, packet.Length);
            return false;
        }

        if (!Passed(_srtp.UnprotectRtcp(packet, out int length), packet.Length))
        {
            return false;
        }

        ReadOnlySpan<byte> compound = packet[..length];
        while (!compound.IsEmpty)
        {
            if (!RtcpPacket.TryTake(ref compound, out RtcpPacket one))
            {
                _output.Drops.Add(DropReason.RtcpMalformed, compound.Length);
                break;
            }

            ReadOne(now, one, to);
        }

        return true;
    }

    /// <summary>Sends what is due and says when to call again.</summary>
    public Deadline Advance(Instant now, Route? to)
    {
        _dtmf?.Advance(now, _output);
        UpdateStats();
        if (_srtp is null || _terms is null || to is not { } route)
        {
            return _dtmf?.NextDeadline ?? Deadline.Never;
        }

        if (_quietReports > 0 && !IsQuiet)
        {
            // Audio flows again: the next report is not to wait for the quiet one's time.
            _quietReports = 0;
            _nextReport = Instant.Min(_nextReport, (now + ReportDelay()).Unhurried);
        }

        bool report = now >= _nextReport;
        bool nack = _nacks is not null && now >= _nacks.NextDue;
        bool feedback = _feedback is not null && now >= _feedback.NextDue;
        if (report || nack || feedback)
        {
            SendCompound(now, route, report, nack, feedback, bye: false);
        }

        Deadline next = new(_nextReport, DeadlineReason.Rtcp);
        if (_nacks is not null)
        {
            next = Deadline.Earliest(next, new Deadline(_nacks.NextDue, DeadlineReason.Nack));
        }

        if (_feedback is not null)
        {
            next = Deadline.Earliest(next, new Deadline(_feedback.NextDue, DeadlineReason.TransportFeedback));
        }

        return _dtmf is null ? next : Deadline.Earliest(next, _dtmf.NextDeadline);
    }

    /// <summary>Says goodbye; RFC 3550 §6.6.</summary>
    public void SendBye(Instant now, Route to)
    {
        if (_srtp is not null && _terms is not null)
        {
            SendCompound(now, to, report: true, nack: false, feedback: false, bye: true);
        }
    }

    private void UpdateStats()
    {
        long lost = _lostOfForgotten;
        foreach (ReceiveStream stream in _streams)
        {
            lost += stream.Lost;
        }

        _stats.AudioPacketsLost = lost;
        _stats.Jitter = _current?.Jitter ?? 0;
    }

    private void ReadOne(Instant now, in RtcpPacket packet, Route to)
    {
        ReadOnlySpan<byte> body = packet.Body;
        switch (packet.Type)
        {
            case RtcpPacket.SenderReport when body.Length >= 24:
                FindStream(BinaryPrimitives.ReadUInt32BigEndian(body))?.NoteReport((uint)(BinaryPrimitives.ReadUInt64BigEndian(body[4..]) >> 16), now);
                ReadReports(now, body[24..], packet.Count);
                break;
            case RtcpPacket.ReceiverReport when body.Length >= 4:
                ReadReports(now, body[4..], packet.Count);
                break;
            case RtcpPacket.TransportLayerFeedback when packet.Count == RtcpPacket.FeedbackNack && body.Length >= 8
                && BinaryPrimitives.ReadUInt32BigEndian(body[4..]) == Ssrc:
                Resend(now, body[8..], to);
                break;
            default:
                // Descriptions, goodbyes and extended reports change nothing here.
                break;
        }
    }

    // SSRC | fraction(8) lost(24) | highest | jitter | LSR | DLSR
    private void ReadReports(Instant now, ReadOnlySpan<byte> blocks, int count)
    {
        for (; count > 0 && blocks.Length >= RtcpPacket.ReportBlockSize; count--, blocks = blocks[RtcpPacket.ReportBlockSize..])
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(blocks) != Ssrc)
            {
                continue;
            }

            _stats.RemoteLoss = blocks[4] / 256.0;
            uint last = BinaryPrimitives.ReadUInt32BigEndian(blocks[16..]);
            uint delay = BinaryPrimitives.ReadUInt32BigEndian(blocks[20..]);
            if (last == 0)
            {
                continue;
            }

            // A - LSR - DLSR in units of 1/65536 s; RFC 3550 §6.4.1.
            int trip = unchecked((int)((uint)(Ntp(now) >> 16) - last - delay));
            if (trip >= 0)
            {
                _stats.RoundTripTime = TimeSpan.FromTicks(trip * TimeSpan.TicksPerSecond / 65_536);
            }
        }
    }

    private void Resend(Instant now, ReadOnlySpan<byte> fci, Route to)
    {
        if (_history is null)
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
                    _output.AddDatagram(packet, to);
                }
            }
        }
    }

    private bool IsQuiet => _stats.AudioPacketsSent == _packetsAtReport && _stats.AudioPacketsReceived == _receivedAtReport;

    private void SendCompound(Instant now, Route to, bool report, bool nack, bool feedback, bool bye)
    {
        byte[] rented = OutputQueue.Rent();
        Span<byte> buffer = rented;
        int length = 0;
        if (report || !_terms!.ReducedSize)
        {
            // A compound begins with a report and names the source (RFC 3550 §6.1); feedback alone may go without (RFC 5506).
            bool quiet = IsQuiet;
            _receivedAtReport = _stats.AudioPacketsReceived;
            length = WriteReport(now, buffer);
            length += WriteDescription(buffer[length..]);
            if (report)
            {
                // Where nothing flows there is little to report, and less with every report; the least interval of RFC 3550 §6.2 is five seconds.
                _quietReports = quiet ? Math.Min(_quietReports + 1, 3) : 0;
                TimeSpan delay = quiet ? 2.5 * (1 << _quietReports) * ReportDelay() : ReportDelay();
                _nextReport = (now + delay).Unhurried;
            }
        }

        if (nack && _current is not null)
        {
            int fci = _nacks!.Write(now, _stats.RoundTripTime ?? TimeSpan.FromMilliseconds(50), buffer[(length + 12)..], out int asked);
            _stats.NacksSent += asked;
            length += WriteFeedback(buffer[length..], RtcpPacket.FeedbackNack, fci);
        }

        if (feedback)
        {
            int fci = _feedback!.Write(buffer[(length + 12)..RtcpRoom]);
            length += WriteFeedback(buffer[length..], RtcpPacket.FeedbackTransport, fci);
        }

        if (bye)
        {
            RtcpPacket.WriteHeader(buffer[length..], 1, RtcpPacket.Bye, 8);
            BinaryPrimitives.WriteUInt32BigEndian(buffer[(length + 4)..], Ssrc);
            length += 8;
        }

        if (length == 0)
        {
            OutputQueue.Return(rented);
            return;
        }

        _output.AddDatagram(rented, _srtp!.ProtectRtcp(buffer, length), to);
    }

    private int WriteReport(Instant now, Span<byte> buffer)
    {
        _sentSinceReport = _stats.AudioPacketsSent != _packetsAtReport;
        _packetsAtReport = _stats.AudioPacketsSent;
        int length = 8;
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], Ssrc);
        if (_sentSinceReport)
        {
            // NTP(64) | RTP(32) | packets | octets
            TimeSpan sinceSent = now - _lastSentAt;
            RtpTimestamp timestamp = _lastTimestamp + (sinceSent.Ticks * (_terms!.ClockRate / 1000) / TimeSpan.TicksPerMillisecond);
            BinaryPrimitives.WriteUInt64BigEndian(buffer[8..], Ntp(now));
            BinaryPrimitives.WriteUInt32BigEndian(buffer[16..], timestamp.Value);
            BinaryPrimitives.WriteUInt32BigEndian(buffer[20..], (uint)_stats.AudioPacketsSent);
            BinaryPrimitives.WriteUInt32BigEndian(buffer[24..], (uint)_stats.AudioBytesSent);
            length = 28;
        }

        foreach (ReceiveStream stream in _streams)
        {
            WriteBlock(now, stream, buffer[length..]);
            length += RtcpPacket.ReportBlockSize;
        }

        RtcpPacket.WriteHeader(buffer, _streams.Count, _sentSinceReport ? RtcpPacket.SenderReport : RtcpPacket.ReceiverReport, length);
        return length;
    }

    private static void WriteBlock(Instant now, ReceiveStream stream, Span<byte> block)
    {
        BinaryPrimitives.WriteUInt32BigEndian(block, stream.Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(block[4..], ((uint)stream.TakeFractionLost() << 24) | (uint)Math.Min(stream.Lost, 0x7FFFFF));
        BinaryPrimitives.WriteUInt32BigEndian(block[8..], stream.Highest.Reported);
        BinaryPrimitives.WriteUInt32BigEndian(block[12..], stream.Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(block[16..], stream.LastReport);
        uint delay = stream.LastReport == 0 ? 0 : (uint)((now - stream.LastReportArrival).Ticks * 65_536 / TimeSpan.TicksPerSecond);
        BinaryPrimitives.WriteUInt32BigEndian(block[20..], delay);
    }

    // SSRC | CNAME(1) length text 0, padded to a word; RFC 3550 §6.5.
    private int WriteDescription(Span<byte> buffer)
    {
        int length = 8 + 2 + _cnameBytes.Length;
        int padded = (length + 4) & ~3;
        buffer[..padded].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], Ssrc);
        buffer[8] = 1;
        buffer[9] = (byte)_cnameBytes.Length;
        _cnameBytes.CopyTo(buffer[10..]);
        RtcpPacket.WriteHeader(buffer, 1, RtcpPacket.SourceDescription, padded);
        return padded;
    }

    private int WriteFeedback(Span<byte> buffer, int format, int fciLength)
    {
        if (fciLength == 0)
        {
            return 0;
        }

        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[8..], _current?.Ssrc ?? 0);
        RtcpPacket.WriteHeader(buffer, format, RtcpPacket.TransportLayerFeedback, 12 + fciLength);
        return 12 + fciLength;
    }

    private ReceiveStream? FindStream(uint ssrc) => _streams.Find(stream => stream.Ssrc == ssrc);

    private TimeSpan ReportDelay() => _options.ReportInterval * (0.5 + (_entropy.NextCosmetic() / 4294967296.0));

    // Seconds since 1900 in 32.32 fixed point, where the host told the wall clock; else since the peer's start (RFC 3550 §4).
    private ulong Ntp(Instant now)
    {
        long ticks = _options.WallClockAtZero is { } zero
            ? zero.UtcTicks + now.Ticks - new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks
            : (now - _start).Ticks + TimeSpan.TicksPerSecond;
        ulong seconds = (ulong)(ticks / TimeSpan.TicksPerSecond);
        ulong fraction = ((ulong)(ticks % TimeSpan.TicksPerSecond) << 32) / TimeSpan.TicksPerSecond;
        return (seconds << 32) | fraction;
    }
}
