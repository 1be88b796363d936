using System.Buffers.Binary;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Rtp;

/// <summary>The audio of one peer: its keys, what was agreed on, and the parts that send, receive and report. RFC 3550, RFC 4585.</summary>
internal sealed class AudioSession : IDisposable
{
    // More come in one datagram only from a sender that means no good; the latest ones are kept.
    private const int MaxReports = 4;

    // 64 kbit/s, bytes a second.
    private const int SparingRate = 8_000;

    private readonly OutputQueue _output;
    private readonly RtcStats _stats;
    private readonly AudioReceiver _receiver;
    private readonly AudioSender _sender;
    private readonly RtcpSender _rtcp;
    private readonly PathMonitor _path = new();
    private readonly PathReport[] _reports = new PathReport[MaxReports];
    private int _reportCount;
    private AudioTerms? _terms;
    private SrtpSession? _srtp;

    public AudioSession(Instant start, IEntropy entropy, RtcPeerOptions options, OutputQueue output, RtcStats stats)
    {
        _output = output;
        _stats = stats;
        Ssrc = entropy.NextCosmetic() | 1;
        _sender = new AudioSender(entropy, options, output, stats, Ssrc, _path);
        CName = $"{entropy.NextCosmetic():x8}{entropy.NextCosmetic():x8}";
        _receiver = new AudioReceiver(start, output, stats);
        _rtcp = new RtcpSender(start, entropy, options, output, stats, Ssrc, CName);
    }

    public uint Ssrc { get; }

    public string CName { get; }

    /// <summary>Takes what was negotiated; again after a re-offer. Tells of the format when it is another one.</summary>
    public void SetTerms(Instant now, AudioTerms terms)
    {
        AudioFormat? former = _terms?.ToFormat();
        _terms = terms;
        _receiver.SetTerms(terms);
        _sender.SetTerms(terms);
        _rtcp.Start(now);
        if (former != terms.ToFormat())
        {
            _output.AddFormat(terms.ToFormat());
        }
    }

    /// <inheritdoc cref="AudioSender.Shape"/>
    public OutgoingShape Shape
    {
        set
        {
            _sender.Shape = value;
            _receiver.Feedback?.FitTo(value.Rate);
            _rtcp.IsSparing = value.Rate is < SparingRate;
        }
    }

    /// <inheritdoc cref="AudioSender.LastSize"/>
    public int LastSize => _sender.LastSize;

    /// <summary>The shortest round trip that data channels have seen on this path.</summary>
    public TimeSpan? ShortestRoundTrip { get; set; }

    /// <summary>The path is another one: what was measured of it is void.</summary>
    public void PathChanged() => _path.Reset();

    /// <summary>Takes the oldest news of the path.</summary>
    public bool TryTakeReport(out PathReport report)
    {
        report = _reports[0];
        if (_reportCount == 0)
        {
            return false;
        }

        Array.Copy(_reports, 1, _reports, 0, --_reportCount);
        return true;
    }

    /// <summary>Takes the keys of the DTLS handshake.</summary>
    public void SetKeys(SrtpSession srtp) => _srtp = srtp;

    /// <summary>Builds, protects and queues one packet.</summary>
    public bool TrySend(Instant now, Route to, ReadOnlySpan<byte> payload, RtpTimestamp timestamp, bool marker, byte? level) =>
        _terms is not null && _srtp is not null && _sender.TrySend(now, to, _terms, _srtp, payload, timestamp, marker, level);

    /// <summary>Takes an SRTP or SRTCP packet; true when it is authentic.</summary>
    /// <param name="now">The time.</param>
    /// <param name="packet">Decrypted in place.</param>
    /// <param name="answerTo">Where answers to RTCP go.</param>
    public bool Receive(Instant now, Span<byte> packet, Route answerTo) =>
        // RFC 5761 §4: packet types 192 to 223 are RTCP.
        packet[1] is >= 192 and <= 223 ? ReceiveRtcp(now, packet, answerTo) : ReceiveRtp(now, packet);

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

        _receiver.Receive(now, packet[..length], header, _terms);
        return true;
    }

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
        _receiver.Advance(now);
        if (_srtp is null || _terms is null || to is not { } route)
        {
            return _receiver.TelephoneEventDeadline;
        }

        _rtcp.WakeUp(now);
        RtcpParts due = RtcpParts.None;
        due |= now >= _rtcp.NextReport ? RtcpParts.Report : RtcpParts.None;
        due |= _receiver.Nacks is { } nacks && now >= nacks.NextDue ? RtcpParts.Nack : RtcpParts.None;
        due |= _receiver.Feedback is { } feedback && now >= feedback.NextDue ? RtcpParts.TransportFeedback : RtcpParts.None;
        if (due != RtcpParts.None)
        {
            _rtcp.Send(now, route, due, _terms, _srtp, _receiver, _sender);
        }

        Deadline next = new(_rtcp.NextReport, DeadlineReason.Rtcp);
        next = Deadline.Earliest(next, new Deadline(_receiver.Nacks?.NextDue ?? Instant.Distant, DeadlineReason.Nack));
        next = Deadline.Earliest(next, new Deadline(_receiver.Feedback?.NextDue ?? Instant.Distant, DeadlineReason.TransportFeedback));
        return Deadline.Earliest(next, _receiver.TelephoneEventDeadline);
    }

    /// <summary>Says goodbye; RFC 3550 §6.6.</summary>
    public void SendBye(Instant now, Route to)
    {
        if (_srtp is not null && _terms is not null)
        {
            _rtcp.Send(now, to, RtcpParts.Report | RtcpParts.Bye, _terms, _srtp, _receiver, _sender);
        }
    }

    public void Dispose()
    {
        _srtp?.Dispose();
        _sender.Release();
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

    private void ReadOne(Instant now, in RtcpPacket packet, Route to)
    {
        ReadOnlySpan<byte> body = packet.Body;
        switch (packet.Type)
        {
            case RtcpPacket.SenderReport when body.Length >= 24:
                uint middleOfNtp = (uint)(BinaryPrimitives.ReadUInt64BigEndian(body[4..]) >> 16);
                _receiver.NoteReport(now, BinaryPrimitives.ReadUInt32BigEndian(body), middleOfNtp);
                ReadReports(now, body[24..], packet.Count);
                break;
            case RtcpPacket.ReceiverReport when body.Length >= 4:
                ReadReports(now, body[4..], packet.Count);
                break;
            case RtcpPacket.TransportLayerFeedback when packet.Count == RtcpPacket.FeedbackNack && body.Length >= 8
                && BinaryPrimitives.ReadUInt32BigEndian(body[4..]) == Ssrc:
                _sender.Resend(now, body[8..], to);
                break;
            case RtcpPacket.TransportLayerFeedback when packet.Count == RtcpPacket.FeedbackTransport && body.Length >= 8:
                if (_path.TryRead(now, body[8..], out PathReport report))
                {
                    Keep(report);
                }

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
            uint lastReport = BinaryPrimitives.ReadUInt32BigEndian(blocks[16..]);
            uint delay = BinaryPrimitives.ReadUInt32BigEndian(blocks[20..]);
            TimeSpan? roundTrip = _rtcp.RoundTrip(now, lastReport, delay);
            _stats.RoundTripTime = roundTrip ?? _stats.RoundTripTime;
            uint highest = BinaryPrimitives.ReadUInt32BigEndian(blocks[8..]);
            int lost = BinaryPrimitives.ReadInt32BigEndian(blocks[4..]) << 8 >> 8;
            if (!_path.HasFeedback && _path.TryReadReport(now, highest, lost, roundTrip, ShortestRoundTrip, out PathReport report))
            {
                Keep(report);
            }
        }
    }

    private void Keep(in PathReport report)
    {
        if (_reportCount == MaxReports)
        {
            TryTakeReport(out _);
        }

        _reports[_reportCount++] = report;
    }
}
