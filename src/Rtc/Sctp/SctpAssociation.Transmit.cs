using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>What goes out, and when.</summary>
public sealed partial class SctpAssociation
{
    /// <summary>Parameter header, a secret that proves the answer, nothing else: the time we keep ourselves.</summary>
    private const int HeartbeatInfoSize = 12;

    private const int InitsWithZeroChecksum = 2;

    /// <summary>So that a thousand idle associations don't ask in one moment.</summary>
    private readonly TimeSpan _heartbeatSpread;

    private AbortCause _abortCause;
    private Instant _heartbeatAt = Instant.Distant;
    private Instant _heartbeatSentAt;
    private ulong _heartbeatSecret;
    private int _heartbeatsUnanswered;
    private bool _heartbeatDue;

    /// <summary>Error causes we send with ABORT (RFC 9260 §3.3.10).</summary>
    private enum AbortCause : ushort
    {
        None = 0,
        NoUserData = 9,
        UserInitiated = 12,
        ProtocolViolation = 13,
    }

    private void RunTimers(Instant now)
    {
        RunHandshakeTimer(now);
        if (_phase is < Phase.Established or Phase.Ended)
        {
            return;
        }

        if (!_sender.RunTimers(now) || !_resets!.RunTimer(now) || _heartbeatsUnanswered > _options.MaxRetransmissions)
        {
            Fail(SctpCloseReason.TimedOut, AbortCause.UserInitiated);
            return;
        }

        if (_heartbeatAt <= now)
        {
            _heartbeatDue = true;
            _heartbeatsUnanswered++;
            _heartbeatAt = NextHeartbeat(now);
        }
    }

    private void Transmit(Instant now, ISctpSink sink)
    {
        Span<byte> buffer = stackalloc byte[_options.MaxPacketSize];
        if (_phase == Phase.Ended)
        {
            TransmitFarewell(buffer, sink);
            return;
        }

        TransmitInit(now, buffer, sink);
        if (_phase < Phase.CookieEchoed)
        {
            return;
        }

        while (true)
        {
            PacketWriter packet = new(buffer, _options.LocalPort, _options.RemotePort, _peerTag);
            WriteControl(now, ref packet);
            if (_phase is > Phase.CookieEchoed)
            {
                WriteData(now, ref packet);
            }

            if (packet.IsEmpty)
            {
                ContinueShutdown(now);
                if (_shutdownDue || _shutdownAckDue)
                {
                    continue;
                }

                return;
            }

            Finish(ref packet, sink);
        }
    }

    private void Finish(ref PacketWriter packet, ISctpSink sink)
    {
        _stats.PacketsSent++;
        sink.Transmit(packet.Finish(_options.ZeroChecksum && _peer.ZeroChecksum));
    }

    /// <summary>INIT and INIT ACK travel alone, under other tags (§8.5.1).</summary>
    private void TransmitInit(Instant now, Span<byte> buffer, ISctpSink sink)
    {
        if (_initDue)
        {
            _initDue = false;
            // A stack that refuses what it does not know answers no INIT with 0x8001 (pion's sctp 1.8): the later ones go without.
            InitChunk init = LocalInit(_localTag, _localFirst, _options.ZeroChecksum && _handshakeTries < InitsWithZeroChecksum);
            PacketWriter packet = new(buffer, _options.LocalPort, _options.RemotePort, 0);
            init.Write(packet.Append(ChunkType.Init, 0, init.Size));
            Finish(ref packet, sink);
        }

        if (_initToAnswer is { } asked)
        {
            _initToAnswer = null;
            StateCookie cookie = MakeCookie(now, asked);
            // RFC 9653 §5: such a stack refuses an INIT ACK too, so only a peer that announced 0x8001 is told it.
            InitChunk answer = LocalInit(cookie.LocalTag, cookie.LocalTsn, _options.ZeroChecksum && asked.ZeroChecksum);
            PacketWriter packet = new(buffer, _options.LocalPort, _options.RemotePort, asked.Tag);
            Span<byte> value = packet.Append(ChunkType.InitAck, 0, answer.Size + 4 + StateCookie.Size);
            answer.Write(value);
            InitChunk.WriteParameterHeader(value[answer.Size..], ParameterType.StateCookie, StateCookie.Size);
            cookie.Write(value[(answer.Size + 4)..], _cookieKey);
            Finish(ref packet, sink);
        }
    }

    private void WriteControl(Instant now, ref PacketWriter packet)
    {
        if (_cookieEchoDue && _cookie is { } cookie)
        {
            _cookieEchoDue = false;
            cookie.CopyTo(packet.Append(ChunkType.CookieEcho, 0, cookie.Length));
            return;
        }

        if (_phase < Phase.Established)
        {
            return;
        }

        if (_cookieAckDue)
        {
            _cookieAckDue = false;
            packet.Append(ChunkType.CookieAck, 0, 0);
        }

        while (_heartbeatsToAnswer.Count > 0 && packet.Room >= _heartbeatsToAnswer[^1].Length)
        {
            byte[] info = _heartbeatsToAnswer[^1];
            _heartbeatsToAnswer.RemoveAt(_heartbeatsToAnswer.Count - 1);
            info.CopyTo(packet.Append(ChunkType.HeartbeatAck, 0, info.Length));
        }

        if (_heartbeatDue && packet.Room >= HeartbeatInfoSize)
        {
            WriteHeartbeat(now, ref packet);
        }

        if (_shutdownDue && packet.Room >= 4)
        {
            _shutdownDue = false;
            BinaryPrimitives.WriteUInt32BigEndian(packet.Append(ChunkType.Shutdown, 0, 4), _receiver!.Cumulative.Value);
        }

        if (_shutdownAckDue && packet.Room >= 0)
        {
            _shutdownAckDue = false;
            packet.Append(ChunkType.ShutdownAck, 0, 0);
        }
    }

    private void WriteData(Instant now, ref PacketWriter packet)
    {
        bool hasData = _sender.HasWork(now);
        if (_receiver is { } receiver && (receiver.AcknowledgeAt <= now || (hasData && receiver.AcknowledgeAt != Instant.Distant)))
        {
            receiver.WriteSack(ref packet);
        }

        ResetDrained();
        if (_resets is { HasWork: true } resets)
        {
            resets.Write(now, _sender.LastAssigned, ref packet);
        }

        if (hasData)
        {
            _sender.Write(now, ref packet);
        }
    }

    private void WriteHeartbeat(Instant now, ref PacketWriter packet)
    {
        const ushort HeartbeatInfo = 1;
        Span<byte> secret = stackalloc byte[8];
        _entropy.FillSecret(secret);
        _heartbeatDue = false;
        _heartbeatSecret = BinaryPrimitives.ReadUInt64BigEndian(secret) | 1;
        _heartbeatSentAt = now;
        Span<byte> value = packet.Append(ChunkType.Heartbeat, 0, HeartbeatInfoSize);
        InitChunk.WriteParameterHeader(value, (ParameterType)HeartbeatInfo, 8);
        BinaryPrimitives.WriteUInt64BigEndian(value[4..], _heartbeatSecret);
    }

    private void TransmitFarewell(Span<byte> buffer, ISctpSink sink)
    {
        if (_abortCause == AbortCause.None && !_shutdownCompleteDue)
        {
            return;
        }

        PacketWriter packet = new(buffer, _options.LocalPort, _options.RemotePort, _peerTag);
        if (_shutdownCompleteDue)
        {
            packet.Append(ChunkType.ShutdownComplete, 0, 0);
        }
        else
        {
            Span<byte> cause = packet.Append(ChunkType.Abort, 0, 4);
            InitChunk.WriteParameterHeader(cause, (ParameterType)_abortCause, 0);
        }

        _shutdownCompleteDue = false;
        _abortCause = AbortCause.None;
        Finish(ref packet, sink);
    }

    private Instant NextHeartbeat(Instant now)
    {
        if (_options.HeartbeatInterval <= TimeSpan.Zero)
        {
            return Instant.Distant;
        }

        return (now + _options.HeartbeatInterval + _heartbeatSpread).Unhurried;
    }

    private Deadline NextDeadline()
    {
        if (_phase == Phase.Ended)
        {
            return Deadline.Never;
        }

        Deadline next = _handshakeAt == Instant.Distant ? Deadline.Never : new Deadline(_handshakeAt, DeadlineReason.SctpHandshake);
        if (_phase < Phase.Established)
        {
            return next;
        }

        next = Deadline.Earliest(next, _sender.NextDeadline());
        next = Earliest(next, _receiver!.AcknowledgeAt, DeadlineReason.SctpAcknowledge);
        next = Earliest(next, _resets!.RetryAt, DeadlineReason.SctpReset);
        return Earliest(next, _heartbeatAt, DeadlineReason.SctpHeartbeat);
    }

    private static Deadline Earliest(Deadline first, Instant at, DeadlineReason why) => at < first.At ? new Deadline(at, why) : first;
}
