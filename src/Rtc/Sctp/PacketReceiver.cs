using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>Reads packets and hands each chunk to the part that it concerns (RFC 9260 §8.5, §3).</summary>
internal sealed class PacketReceiver(AssociationCore core)
{
    private bool _receivedData;

    /// <summary>Takes a packet. Never throws on wire bytes.</summary>
    public void Receive(Instant now, ReadOnlySpan<byte> packet)
    {
        core.Stats.PacketsReceived++;
        if (core.Phase == AssociationPhase.Ended)
        {
            core.Handshake.ReceiveAfterEnd(packet);
            return;
        }

        if (Refusal(packet, out ChunkReader chunks, out Chunk chunk) is { } reason)
        {
            core.Drops.Add(reason, packet.Length);
            return;
        }

        uint tag = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        while (ReceiveChunk(now, tag, chunk) && chunks.TryRead(out chunk))
        {
        }

        if (chunks.Malformed)
        {
            core.Drops.Add(DropReason.SctpMalformed, packet.Length);
        }

        EndOfData(now);
        if (core.Phase is > AssociationPhase.CookieEchoed and < AssociationPhase.Ended)
        {
            core.ContinueShutdown(now);
            core.ResetIncoming(core.Channels.Resets!.TakeDeferred(core.Receiver!.Cumulative));
            core.Heartbeats.Heard(now);
        }
    }

    // Why a whole packet is dropped; null when its first chunk was read and its tag is right.
    private DropReason? Refusal(ReadOnlySpan<byte> packet, out ChunkReader chunks, out Chunk first)
    {
        chunks = default;
        first = default;
        if (packet.Length < PacketWriter.HeaderSize + 4)
        {
            return DropReason.SctpMalformed;
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(packet[8..]);
        bool withoutChecksum = checksum == 0 && core.Options.ZeroChecksum;
        if (!withoutChecksum && checksum != Crc32c.ComputePacket(packet))
        {
            return DropReason.SctpChecksum;
        }

        chunks = new ChunkReader(packet[PacketWriter.HeaderSize..]);
        if (!chunks.TryRead(out first))
        {
            return DropReason.SctpMalformed;
        }

        bool addressed = BinaryPrimitives.ReadUInt16BigEndian(packet) == core.Options.RemotePort
            && BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) == SctpOptions.LocalPort
            && AcceptsTag(BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), first, chunks.AtEnd);
        return addressed ? null : DropReason.SctpVerificationTag;
    }

    /// <summary>The rules of RFC 9260 §8.5 for the verification tag.</summary>
    private bool AcceptsTag(uint tag, in Chunk first, bool alone)
    {
        const byte TagReflected = 1;
        return first.Type switch
        {
            ChunkType.Init => tag == 0 && alone,
            ChunkType.Abort or ChunkType.ShutdownComplete =>
                (first.Flags & TagReflected) != 0 ? tag == core.Handshake.PeerTag && tag != 0 : tag == core.Handshake.LocalTag,

            // The tag of a COOKIE ECHO is held against the cookie itself.
            ChunkType.CookieEcho => true,
            _ => tag == core.Handshake.LocalTag,
        };
    }

    /// <summary>Takes one chunk. False when the rest of the packet is to be dropped.</summary>
    private bool ReceiveChunk(Instant now, uint tag, in Chunk chunk)
    {
        if (chunk.Type == ChunkType.Data)
        {
            return ReceiveData(now, chunk);
        }

        // Earlier chunks of this packet take effect before.
        EndOfData(now);
        switch (chunk.Type)
        {
            case ChunkType.Init:
                core.Handshake.ReceiveInit(chunk.Value);
                break;
            case ChunkType.InitAck:
                core.Handshake.ReceiveInitAck(now, chunk.Value);
                break;
            case ChunkType.CookieEcho:
                return ReceiveCookieEcho(now, tag, chunk.Value);
            case ChunkType.CookieAck:
                if (core.Handshake.ReceiveCookieAck())
                {
                    core.Establish(now);
                }

                break;
            case ChunkType.Sack:
                return ReceiveSack(now, chunk.Value);
            case ChunkType.Heartbeat when core.Phase < AssociationPhase.Established:
                core.Drops.Add(DropReason.SctpAnswerWaiting, chunk.Value.Length);
                break;
            case ChunkType.Heartbeat:
                core.Heartbeats.Receive(chunk.Value);
                break;
            case ChunkType.HeartbeatAck:
                core.Heartbeats.ReceiveAck(now, chunk.Value);
                break;
            case ChunkType.Abort:
                core.End(SctpCloseReason.AbortedByPeer, AbortCause.None);
                return false;
            case ChunkType.Shutdown:
                ReceiveShutdown(now, chunk.Value);
                break;
            case ChunkType.ShutdownAck:
                if (core.Handshake.ReceiveShutdownAck())
                {
                    core.End(SctpCloseReason.Shutdown, AbortCause.None);
                }

                return false;
            case ChunkType.ShutdownComplete:
                if (core.Phase == AssociationPhase.ShutdownAckSent)
                {
                    core.End(SctpCloseReason.Shutdown, AbortCause.None);
                }

                return false;
            case ChunkType.Error:
                core.Handshake.ReceiveError(now, chunk.Value);
                break;
            case ChunkType.ReConfig:
                ReceiveReConfig(now, chunk.Value);
                break;
            case ChunkType.ForwardTsn:
                ReceiveForwardTsn(now, chunk.Value);
                break;
            default:
                // §3.2: the highest bit says whether to go on behind an unknown chunk.
                core.Drops.Add(DropReason.SctpUnexpected, chunk.Value.Length);
                return ((byte)chunk.Type & 0x80) != 0;
        }

        return core.Phase != AssociationPhase.Ended;
    }

    private bool ReceiveData(Instant now, in Chunk chunk)
    {
        bool open = core.Phase is AssociationPhase.Established or AssociationPhase.ShutdownPending or AssociationPhase.ShutdownSent;
        if (core.Receiver is null || !open)
        {
            core.Drops.Add(DropReason.SctpUnexpected, chunk.Value.Length);
            return true;
        }

        if (!DataChunk.TryParse(chunk, out DataChunk data))
        {
            core.Drops.Add(DropReason.SctpMalformed, chunk.Value.Length);
            return true;
        }

        if (data.Payload.IsEmpty)
        {
            // §6.2: a DATA chunk without data must be answered with ABORT.
            core.End(SctpCloseReason.ProtocolViolation, AbortCause.NoUserData);
            return false;
        }

        if (data.Stream >= SctpOptions.MaxStreams)
        {
            // §6.5: acknowledged, so that it does not come again, and thrown away. Streams we never offered have no channel.
            core.Drops.Add(DropReason.MessageUnclaimed, data.Payload.Length);
        }

        core.Receiver.Receive(now, data);
        _receivedData = true;
        core.Handshake.RepeatShutdown();
        return true;
    }

    private void EndOfData(Instant now)
    {
        if (_receivedData && core.Receiver is { } receiver)
        {
            _receivedData = false;
            receiver.EndOfPacket(now);
            core.DeliverMessages();
        }
    }

    private bool ReceiveCookieEcho(Instant now, uint tag, ReadOnlySpan<byte> value)
    {
        CookieResult result = core.Handshake.ReceiveCookieEcho(now, tag, value);
        switch (result)
        {
            case CookieResult.Established:
                core.Establish(now);
                break;
            case CookieResult.Restarted:
                core.Restart(now);
                break;
        }

        return result != CookieResult.Refused;
    }

    private bool ReceiveSack(Instant now, ReadOnlySpan<byte> value)
    {
        if (core.Phase < AssociationPhase.Established)
        {
            core.Drops.Add(DropReason.SctpUnexpected, value.Length);
            return true;
        }

        if (!SackChunk.TryParse(value, out SackChunk sack))
        {
            core.Drops.Add(DropReason.SctpMalformed, value.Length);
            return true;
        }

        if (!core.Sender.Acknowledge(now, sack))
        {
            core.End(SctpCloseReason.ProtocolViolation, AbortCause.ProtocolViolation);
            return false;
        }

        return true;
    }

    private void ReceiveForwardTsn(Instant now, ReadOnlySpan<byte> value)
    {
        if (core.Receiver is not { } receiver || !ForwardTsnChunk.TryParse(value, out ForwardTsnChunk forward))
        {
            core.Drops.Add(DropReason.SctpMalformed, value.Length);
            return;
        }

        receiver.Forward(now, forward);
        core.DeliverMessages();
    }

    private void ReceiveShutdown(Instant now, ReadOnlySpan<byte> value)
    {
        if (value.Length < 4 || core.Phase < AssociationPhase.Established)
        {
            core.Drops.Add(DropReason.SctpUnexpected, value.Length);
            return;
        }

        // A SHUTDOWN acknowledges cumulatively (§9.2); we read it as a SACK without gaps and with the window as it was.
        if (!core.Sender.AcknowledgeCumulative(now, new Tsn(BinaryPrimitives.ReadUInt32BigEndian(value))))
        {
            core.End(SctpCloseReason.ProtocolViolation, AbortCause.ProtocolViolation);
            return;
        }

        core.Handshake.ReceiveShutdown(now);
        core.Channels.ShutDown();
        core.ContinueShutdown(now);
    }

    private void ReceiveReConfig(Instant now, ReadOnlySpan<byte> value)
    {
        if (core.Channels.Resets is not { } resets || core.Receiver is not { } receiver)
        {
            core.Drops.Add(DropReason.SctpUnexpected, value.Length);
            return;
        }

        ParameterReader parameters = new(value);
        while (parameters.TryRead(out ParameterType type, out ReadOnlySpan<byte> parameter))
        {
            switch (type)
            {
                case ParameterType.OutgoingResetRequest:
                    core.ResetIncoming(resets.TakeOutgoingRequest(receiver.Cumulative, parameter));
                    break;
                case ParameterType.ReConfigResponse:
                    core.Channels.FinishResets(resets.TakeResponse(now, parameter));
                    break;
                case ParameterType.IncomingResetRequest:
                case ParameterType.AssociationResetRequest:
                case ParameterType.AddOutgoingStreams:
                case ParameterType.AddIncomingStreams:
                    resets.Deny(parameter);
                    break;
                default:
                    core.Drops.Add(DropReason.SctpUnexpected, parameter.Length);
                    break;
            }
        }

        if (parameters.Malformed)
        {
            core.Drops.Add(DropReason.SctpMalformed, value.Length);
        }
    }
}
