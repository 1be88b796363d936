using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>The chunks of setup and end that are to be sent, and their bytes (RFC 9260 §3.3).</summary>
internal sealed class HandshakeOutput(SctpOptions options, RoundTripEstimator roundTrip)
{
    private HandshakeChunks _due;
    private byte[]? _cookieToEcho;
    private InitChunk? _initToAnswer;
    private AbortCause _abortCause;

    /// <summary>Whether a SHUTDOWN or SHUTDOWN ACK is to be sent.</summary>
    public bool HasShutdown => (_due & (HandshakeChunks.Shutdown | HandshakeChunks.ShutdownAck)) != 0;

    /// <summary>Asks for chunks.</summary>
    public void Add(HandshakeChunks chunks) => _due |= chunks;

    /// <summary>A SHUTDOWN ACK takes the place of our SHUTDOWN.</summary>
    public void AcknowledgeShutdown() => _due = (_due & ~HandshakeChunks.Shutdown) | HandshakeChunks.ShutdownAck;

    /// <summary>Answers an INIT, in place of the one that waits. False when one waited.</summary>
    public bool Answer(in InitChunk init)
    {
        bool free = _initToAnswer is null;
        _initToAnswer = init;
        return free;
    }

    /// <summary>Sends the peer's cookie back; INIT is not sent again.</summary>
    public void Echo(ReadOnlySpan<byte> cookie)
    {
        _cookieToEcho = cookie.ToArray();
        _due = (_due & ~HandshakeChunks.Init) | HandshakeChunks.CookieEcho;
    }

    /// <summary>The association is up: what asked for it is not sent again.</summary>
    public void Complete()
    {
        _cookieToEcho = null;
        _due &= ~(HandshakeChunks.Init | HandshakeChunks.CookieEcho);
    }

    /// <summary>The association ends; the peer gets the cause, if there is one.</summary>
    public void End(AbortCause cause)
    {
        _cookieToEcho = null;
        _abortCause = cause;
    }

    /// <summary>Writes INIT, which is sent alone under tag 0 (§8.5.1). False when none is due.</summary>
    public bool TryWriteInit(Span<byte> buffer, uint tag, Tsn initialTsn, bool zeroChecksum, out PacketWriter packet)
    {
        packet = default;
        if (!Take(HandshakeChunks.Init))
        {
            return false;
        }

        InitChunk init = Describe(tag, initialTsn, zeroChecksum);
        packet = new PacketWriter(buffer, SctpOptions.LocalPort, options.RemotePort, 0);
        init.Write(packet.Append(ChunkType.Init, 0, init.Size));
        return true;
    }

    /// <summary>Takes the INIT that is to be answered; null when there is none.</summary>
    public InitChunk? TakeInit()
    {
        InitChunk? asked = _initToAnswer;
        _initToAnswer = null;
        return asked;
    }

    /// <summary>Writes INIT ACK, which is sent alone under the tag of the INIT (§8.5.1).</summary>
    public PacketWriter WriteInitAck(Span<byte> buffer, scoped in InitChunk asked, scoped in StateCookie cookie, StateCookies cookies)
    {
        // Only a peer that announced 0x8001 is sent that we take it too: the others may refuse the INIT ACK for it.
        InitChunk answer = Describe(cookie.LocalTag, cookie.LocalTsn, options.ZeroChecksum && asked.ZeroChecksum);
        var packet = new PacketWriter(buffer, SctpOptions.LocalPort, options.RemotePort, asked.Tag);
        Span<byte> value = packet.Append(ChunkType.InitAck, 0, answer.Size + 4 + StateCookie.Size);
        answer.Write(value);
        InitChunk.WriteParameterHeader(value[answer.Size..], ParameterType.StateCookie, StateCookie.Size);
        cookies.Write(cookie, value[(answer.Size + 4)..]);
        return packet;
    }

    /// <summary>Writes COOKIE ECHO. True when the packet is complete with it.</summary>
    public bool TryWriteCookieEcho(ref PacketWriter packet)
    {
        if (_cookieToEcho is not { } cookie || !Take(HandshakeChunks.CookieEcho))
        {
            return false;
        }

        cookie.CopyTo(packet.Append(ChunkType.CookieEcho, 0, cookie.Length));
        return true;
    }

    /// <summary>Writes COOKIE ACK, when it is due.</summary>
    public void WriteCookieAck(ref PacketWriter packet)
    {
        if (Take(HandshakeChunks.CookieAck))
        {
            packet.Append(ChunkType.CookieAck, 0, 0);
        }
    }

    /// <summary>Writes SHUTDOWN or SHUTDOWN ACK, when they are due and there is room.</summary>
    public void WriteShutdown(ref PacketWriter packet, Tsn cumulative)
    {
        if (packet.Room >= 4 && Take(HandshakeChunks.Shutdown))
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet.Append(ChunkType.Shutdown, 0, 4), cumulative.Value);
        }

        if (packet.Room >= 0 && Take(HandshakeChunks.ShutdownAck))
        {
            packet.Append(ChunkType.ShutdownAck, 0, 0);
        }
    }

    /// <summary>Writes what is left to say after the end: SHUTDOWN COMPLETE or ABORT. False when there is nothing.</summary>
    public bool TryWriteFarewell(Span<byte> buffer, uint peerTag, out PacketWriter packet)
    {
        packet = default;
        if (_abortCause == AbortCause.None && (_due & HandshakeChunks.ShutdownComplete) == 0)
        {
            return false;
        }

        packet = new PacketWriter(buffer, SctpOptions.LocalPort, options.RemotePort, peerTag);
        if (Take(HandshakeChunks.ShutdownComplete))
        {
            packet.Append(ChunkType.ShutdownComplete, 0, 0);
        }
        else
        {
            Span<byte> cause = packet.Append(ChunkType.Abort, 0, 4);
            InitChunk.WriteParameterHeader(cause, (ParameterType)_abortCause, 0);
        }

        _abortCause = AbortCause.None;
        return true;
    }

    private InitChunk Describe(uint tag, Tsn initialTsn, bool zeroChecksum) => new(
        tag,
        (uint)DataReceiver.Window(options, roundTrip),
        SctpOptions.MaxStreams,
        SctpOptions.MaxStreams,
        initialTsn,
        ForwardTsn: true,
        ReConfig: true,
        zeroChecksum);

    private bool Take(HandshakeChunks chunk)
    {
        bool due = (_due & chunk) != 0;
        _due &= ~chunk;
        return due;
    }
}
