using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>What comes in.</summary>
public sealed partial class SctpAssociation
{
    private const byte TagReflected = 1;
    private const int MostHeartbeatsWaiting = 4;

    private readonly List<byte[]> _heartbeatsToAnswer = new(0);
    private bool _tookData;

    /// <summary>Takes a packet as DTLS delivered it. Never throws on wire bytes.</summary>
    public void Receive(Instant now, ReadOnlySpan<byte> packet)
    {
        _stats.PacketsReceived++;
        if (_phase == Phase.Ended)
        {
            AnswerAfterEnd(packet);
            return;
        }

        if (packet.Length < PacketWriter.HeaderSize + 4)
        {
            _stats.DroppedMalformed++;
            return;
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(packet[8..]);
        bool unchecked_ = checksum == 0 && _options.ZeroChecksum;
        if (!unchecked_ && checksum != Crc32c.ComputePacket(packet))
        {
            _stats.DroppedChecksum++;
            return;
        }

        uint tag = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        ChunkReader chunks = new(packet[PacketWriter.HeaderSize..]);
        if (!chunks.TryRead(out Chunk chunk))
        {
            _stats.DroppedMalformed++;
            return;
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(packet) != _options.RemotePort
            || BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) != _options.LocalPort
            || !AcceptsTag(tag, chunk, chunks.AtEnd))
        {
            _stats.DroppedTag++;
            return;
        }

        do
        {
            if (!Take(now, tag, chunk))
            {
                break;
            }
        }
        while (chunks.TryRead(out chunk));

        _stats.DroppedMalformed += chunks.Malformed ? 1 : 0;
        FlushData(now);
        if (_phase is > Phase.CookieEchoed and < Phase.Ended)
        {
            ContinueShutdown(now);
            PerformDeferredReset();
            _heartbeatAt = NextHeartbeat(now);
            _heartbeatsUnanswered = 0;
        }
    }

    /// <summary>The rules of RFC 9260 §8.5.</summary>
    private bool AcceptsTag(uint tag, in Chunk first, bool alone) => first.Type switch
    {
        ChunkType.Init => tag == 0 && alone,
        ChunkType.Abort or ChunkType.ShutdownComplete =>
            (first.Flags & TagReflected) != 0 ? tag == _peerTag && tag != 0 : tag == _localTag,

        // The tag of a COOKIE ECHO is held against the cookie itself.
        ChunkType.CookieEcho => true,
        _ => tag == _localTag,
    };

    /// <summary>Takes one chunk. False when the rest of the packet is to be dropped.</summary>
    private bool Take(Instant now, uint tag, in Chunk chunk)
    {
        if (chunk.Type == ChunkType.Data)
        {
            return TakeData(now, chunk);
        }

        // What came before in this packet takes effect before.
        FlushData(now);
        switch (chunk.Type)
        {
            case ChunkType.Init:
                TakeInit(chunk.Value);
                break;
            case ChunkType.InitAck:
                TakeInitAck(now, chunk.Value);
                break;
            case ChunkType.CookieEcho:
                return TakeCookieEcho(now, tag, chunk.Value);
            case ChunkType.CookieAck:
                TakeCookieAck(now);
                break;
            case ChunkType.Sack:
                return TakeSack(now, chunk.Value);
            case ChunkType.Heartbeat:
                TakeHeartbeat(chunk.Value);
                break;
            case ChunkType.HeartbeatAck:
                TakeHeartbeatAck(now, chunk.Value);
                break;
            case ChunkType.Abort:
                End(SctpCloseReason.AbortedByPeer);
                return false;
            case ChunkType.Shutdown:
                TakeShutdown(now, chunk.Value);
                break;
            case ChunkType.ShutdownAck:
                TakeShutdownAck();
                return false;
            case ChunkType.ShutdownComplete:
                if (_phase == Phase.ShutdownAckSent)
                {
                    End(SctpCloseReason.Shutdown);
                }

                return false;
            case ChunkType.Error:
                TakeError(now, chunk.Value);
                break;
            case ChunkType.ReConfig:
                TakeReConfig(now, chunk.Value);
                break;
            case ChunkType.ForwardTsn:
                TakeForwardTsn(now, chunk.Value);
                break;
            default:
                // §3.2: the highest bit says whether to go on behind an unknown chunk.
                _stats.DroppedUnexpected++;
                return ((byte)chunk.Type & 0x80) != 0;
        }

        return _phase != Phase.Ended;
    }

    private bool TakeData(Instant now, in Chunk chunk)
    {
        if (_receiver is null || _phase is not (Phase.Established or Phase.ShutdownPending or Phase.ShutdownSent))
        {
            _stats.DroppedUnexpected++;
            return true;
        }

        if (!DataChunk.TryParse(chunk, out DataChunk data))
        {
            _stats.DroppedMalformed++;
            return true;
        }

        if (data.Payload.IsEmpty)
        {
            // §6.2: a DATA chunk without data must be answered with ABORT.
            Fail(SctpCloseReason.ProtocolViolation, AbortCause.NoUserData);
            return false;
        }

        if (data.Stream >= _options.MaxStreams)
        {
            // §6.5: acknowledged, so that it does not come again, and thrown away. Streams we never offered have no channel.
            _stats.MessagesUnclaimed++;
        }

        _receiver.Take(now, data);
        _tookData = true;
        if (_phase == Phase.ShutdownSent)
        {
            // §9.2: the peer had not seen our SHUTDOWN yet.
            _shutdownDue = true;
        }

        return true;
    }

    private void FlushData(Instant now)
    {
        if (!_tookData || _receiver is null)
        {
            return;
        }

        _tookData = false;
        _receiver.EndOfPacket(now);
        TakeMessages(now);
    }

    private bool TakeSack(Instant now, ReadOnlySpan<byte> value)
    {
        if (_phase is < Phase.Established)
        {
            _stats.DroppedUnexpected++;
            return true;
        }

        if (!SackChunk.TryParse(value, out SackChunk sack))
        {
            _stats.DroppedMalformed++;
            return true;
        }

        if (!_sender.Acknowledge(now, sack))
        {
            Fail(SctpCloseReason.ProtocolViolation, AbortCause.ProtocolViolation);
            return false;
        }

        return true;
    }

    private void TakeForwardTsn(Instant now, ReadOnlySpan<byte> value)
    {
        if (_receiver is null || !ForwardTsnChunk.TryParse(value, out ForwardTsnChunk forward))
        {
            _stats.DroppedMalformed++;
            return;
        }

        _receiver.Forward(now, forward);
        TakeMessages(now);
    }

    private void TakeHeartbeat(ReadOnlySpan<byte> value)
    {
        if (_phase < Phase.Established || value.Length + PacketWriter.HeaderSize + 4 > _options.MaxPacketSize || _heartbeatsToAnswer.Count == MostHeartbeatsWaiting)
        {
            _stats.DroppedReplies++;
            return;
        }

        _heartbeatsToAnswer.Add(value.ToArray());
    }

    private void TakeHeartbeatAck(Instant now, ReadOnlySpan<byte> value)
    {
        if (_heartbeatSecret == 0 || value.Length < HeartbeatInfoSize || BinaryPrimitives.ReadUInt64BigEndian(value[4..]) != _heartbeatSecret)
        {
            _stats.DroppedUnexpected++;
            return;
        }

        _heartbeatSecret = 0;
        _roundTrip.Measure(now - _heartbeatSentAt);
    }

    private void TakeError(Instant now, ReadOnlySpan<byte> value)
    {
        const ushort StaleCookie = 3;
        ParameterReader causes = new(value);
        while (causes.TryRead(out ParameterType cause, out _))
        {
            if ((ushort)cause == StaleCookie && _phase == Phase.CookieEchoed)
            {
                // §5.2.6: begin again.
                StartInit(now);
            }
        }
    }

    private void TakeReConfig(Instant now, ReadOnlySpan<byte> value)
    {
        if (_resets is null || _receiver is null)
        {
            _stats.DroppedUnexpected++;
            return;
        }

        ParameterReader parameters = new(value);
        while (parameters.TryRead(out ParameterType type, out ReadOnlySpan<byte> parameter))
        {
            switch (type)
            {
                case ParameterType.OutgoingResetRequest:
                    TakeIncomingReset(_resets.TakeOutgoingRequest(_receiver.Cumulative, parameter));
                    break;
                case ParameterType.ReConfigResponse:
                    FinishOutgoingReset(_resets.TakeResponse(now, parameter));
                    break;
                case ParameterType.IncomingResetRequest:
                case ParameterType.AssociationResetRequest:
                case ParameterType.AddOutgoingStreams:
                case ParameterType.AddIncomingStreams:
                    _resets.Deny(parameter);
                    break;
                default:
                    _stats.DroppedUnexpected++;
                    break;
            }
        }

        _stats.DroppedMalformed += parameters.Malformed ? 1 : 0;
    }

    /// <summary>§8.4 (5): a peer whose SHUTDOWN COMPLETE was lost asks again, and is answered.</summary>
    private void AnswerAfterEnd(ReadOnlySpan<byte> packet)
    {
        _stats.DroppedUnexpected++;
        if (packet.Length >= 16 && packet[12] == (byte)ChunkType.ShutdownAck && BinaryPrimitives.ReadUInt32BigEndian(packet[4..]) == _localTag)
        {
            _shutdownCompleteDue = true;
        }
    }
}
