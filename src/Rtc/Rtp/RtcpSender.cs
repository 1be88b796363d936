using System.Buffers.Binary;
using System.Text;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Rtp;

/// <summary>RTCP out: when reports are due, and compounds of reports, NACK, transport feedback and BYE; RFC 3550 §6, RFC 4585 §6.</summary>
internal sealed class RtcpSender
{
    // Room for reports, SDES, NACK and feedback together; far below every MTU.
    private const int MaxCompound = 900;

    private readonly IEntropy _entropy;
    private readonly RtcPeerOptions _options;
    private readonly OutputQueue _output;
    private readonly RtcStats _stats;
    private readonly Instant _start;
    private readonly uint _ssrc;
    private readonly byte[] _cname;
    private long _packetsAtReport;
    private long _receivedAtReport;
    private int _quietReportCount;

    public RtcpSender(Instant start, IEntropy entropy, RtcPeerOptions options, OutputQueue output, RtcStats stats, uint ssrc, string cname)
    {
        _start = start;
        _entropy = entropy;
        _options = options;
        _output = output;
        _stats = stats;
        _ssrc = ssrc;
        _cname = Encoding.ASCII.GetBytes(cname);
    }

    /// <summary>When the next report is due; <see cref="Instant.Distant"/> before audio was agreed on.</summary>
    public Instant NextReport { get; private set; } = Instant.Distant;

    /// <summary>The path is narrow: reports come half as often.</summary>
    public bool IsSparing { get; set; }

    private bool IsQuiet => _stats.AudioPacketsSent == _packetsAtReport && _stats.AudioPacketsReceived == _receivedAtReport;

    /// <summary>Audio was agreed on: reports begin.</summary>
    public void Start(Instant now)
    {
        if (NextReport == Instant.Distant)
        {
            NextReport = now + ReportDelay();
        }
    }

    /// <summary>Where audio flows again, the next report is not to wait for the quiet one's time.</summary>
    public void WakeUp(Instant now)
    {
        if (_quietReportCount > 0 && !IsQuiet)
        {
            _quietReportCount = 0;
            NextReport = Instant.Min(NextReport, (now + ReportDelay()).Unhurried);
        }
    }

    /// <summary>Sends one compound.</summary>
    /// <param name="now">The time.</param>
    /// <param name="to">Where to.</param>
    /// <param name="parts">The parts to send; a report goes first where the remote side needs one.</param>
    /// <param name="terms">The negotiated terms.</param>
    /// <param name="srtp">The keys.</param>
    /// <param name="receiver">The state of the received stream.</param>
    /// <param name="sender">The configuration that was sent.</param>
    public void Send(Instant now, Route to, RtcpParts parts, AudioTerms terms, SrtpSession srtp, AudioReceiver receiver, AudioSender sender)
    {
        byte[] rented = OutputQueue.Rent();
        Span<byte> buffer = rented;
        int length = 0;
        bool report = parts.HasFlag(RtcpParts.Report);
        if (report || !terms.ReducedSize)
        {
            // A compound begins with a report and names the source (RFC 3550 §6.1); feedback alone may go without (RFC 5506).
            bool quiet = IsQuiet;
            _receivedAtReport = _stats.AudioPacketsReceived;
            length = WriteReport(now, buffer, terms.ClockRate, receiver.Streams, sender);
            length += WriteDescription(buffer[length..]);
            if (report)
            {
                ScheduleReport(now, quiet);
            }
        }

        uint remoteSsrc = receiver.Current?.Ssrc ?? 0;
        if (parts.HasFlag(RtcpParts.Nack) && receiver.Current is not null)
        {
            TimeSpan roundTrip = _stats.RoundTripTime ?? TimeSpan.FromMilliseconds(50);
            int fci = receiver.Nacks!.Write(now, roundTrip, buffer[(length + 12)..], out int asked);
            _stats.NacksSent += asked;
            length += WriteFeedback(buffer[length..], RtcpPacket.FeedbackNack, fci, remoteSsrc);
        }

        if (parts.HasFlag(RtcpParts.TransportFeedback))
        {
            int fci = receiver.Feedback!.Write(buffer[(length + 12)..MaxCompound]);
            length += WriteFeedback(buffer[length..], RtcpPacket.FeedbackTransport, fci, remoteSsrc);
        }

        if (parts.HasFlag(RtcpParts.Bye))
        {
            RtcpPacket.WriteHeader(buffer[length..], 1, RtcpPacket.Bye, 8);
            BinaryPrimitives.WriteUInt32BigEndian(buffer[(length + 4)..], _ssrc);
            length += 8;
        }

        if (length == 0)
        {
            OutputQueue.Return(rented);
            return;
        }

        _output.AddDatagram(rented, srtp.ProtectRtcp(buffer, length), to);
    }

    /// <summary>
    /// The round trip that a report block gives: A - LSR - DLSR in units of 1/65536 s (RFC 3550 §6.4.1); null when it gives none.
    /// </summary>
    public TimeSpan? RoundTrip(Instant now, uint lastReport, uint delay)
    {
        int trip = unchecked((int)((uint)(Ntp(now) >> 16) - lastReport - delay));
        return lastReport != 0 && trip >= 0 ? TimeSpan.FromTicks(trip * TimeSpan.TicksPerSecond / 65_536) : null;
    }

    // Where nothing flows there is little to report, and less with every report; the least interval of RFC 3550 §6.2 is five seconds.
    private void ScheduleReport(Instant now, bool quiet)
    {
        _quietReportCount = quiet ? Math.Min(_quietReportCount + 1, 3) : 0;
        TimeSpan delay = quiet ? 2.5 * (1 << _quietReportCount) * ReportDelay() : ReportDelay();
        NextReport = (now + delay).Unhurried;
    }

    private int WriteReport(Instant now, Span<byte> buffer, int clockRate, List<ReceiveStream> streams, AudioSender sender)
    {
        bool sentSinceReport = _stats.AudioPacketsSent != _packetsAtReport;
        _packetsAtReport = _stats.AudioPacketsSent;
        int length = 8;
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], _ssrc);
        if (sentSinceReport)
        {
            // NTP(64) | RTP(32) | packets | octets
            TimeSpan sinceSent = now - sender.LastSentAt;
            RtpTimestamp timestamp = sender.LastTimestamp + (sinceSent.Ticks * (clockRate / 1000) / TimeSpan.TicksPerMillisecond);
            BinaryPrimitives.WriteUInt64BigEndian(buffer[8..], Ntp(now));
            BinaryPrimitives.WriteUInt32BigEndian(buffer[16..], timestamp.Value);
            BinaryPrimitives.WriteUInt32BigEndian(buffer[20..], (uint)_stats.AudioPacketsSent);
            BinaryPrimitives.WriteUInt32BigEndian(buffer[24..], (uint)_stats.AudioBytesSent);
            length = 28;
        }

        foreach (ReceiveStream stream in streams)
        {
            WriteBlock(now, stream, buffer[length..]);
            length += RtcpPacket.ReportBlockSize;
        }

        RtcpPacket.WriteHeader(buffer, streams.Count, sentSinceReport ? RtcpPacket.SenderReport : RtcpPacket.ReceiverReport, length);
        return length;
    }

    // SSRC | fraction(8) lost(24) | highest | jitter | LSR | DLSR
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
        int length = 8 + 2 + _cname.Length;
        int padded = (length + 4) & ~3;
        buffer[..padded].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], _ssrc);
        buffer[8] = 1;
        buffer[9] = (byte)_cname.Length;
        _cname.CopyTo(buffer[10..]);
        RtcpPacket.WriteHeader(buffer, 1, RtcpPacket.SourceDescription, padded);
        return padded;
    }

    private int WriteFeedback(Span<byte> buffer, int format, int fciLength, uint remoteSsrc)
    {
        if (fciLength == 0)
        {
            return 0;
        }

        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], _ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[8..], remoteSsrc);
        RtcpPacket.WriteHeader(buffer, format, RtcpPacket.TransportLayerFeedback, 12 + fciLength);
        return 12 + fciLength;
    }

    private TimeSpan ReportDelay() => (IsSparing ? 2 : 1) * _options.ReportInterval * (0.5 + (_entropy.NextCosmetic() / 4294967296.0));

    // Seconds since 1900 in 32.32 fixed point, where the host gave the wall clock; else since the peer's start (RFC 3550 §4).
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
