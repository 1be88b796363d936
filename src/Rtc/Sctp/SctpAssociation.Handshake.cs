using System.Buffers.Binary;
using System.Diagnostics;

namespace Bridge.Rtc.Sctp;

/// <summary>Setting up and ending: INIT, cookies, SHUTDOWN (RFC 9260 §5, §9).</summary>
public sealed partial class SctpAssociation
{
    private const int KeySize = 32;

    private Instant _handshakeAt = Instant.Distant;
    private int _handshakeTries;
    private Instant _initSentAt;
    private byte[]? _cookie;
    private byte[]? _cookieKey;

    private bool _initDue;
    private bool _cookieEchoDue;
    private bool _cookieAckDue;
    private bool _shutdownDue;
    private bool _shutdownAckDue;
    private bool _shutdownCompleteDue;
    private InitChunk? _initToAnswer;

    private InitChunk LocalInit(uint tag, Tsn first, bool zeroChecksum) =>
        new(tag, (uint)DataReceiver.Window(_options, _roundTrip), _options.MaxStreams, _options.MaxStreams, first, true, true, zeroChecksum);

    private void StartInit(Instant now)
    {
        _phase = Phase.CookieWait;
        _handshakeTries = 0;
        _initDue = true;
        _initSentAt = now;
        _handshakeAt = now + HandshakeTimeout();
    }

    /// <summary>T1 and T2, doubled at each try.</summary>
    private TimeSpan HandshakeTimeout()
    {
        TimeSpan first = _roundTrip.Smoothed is null ? _options.RtoInitial : _roundTrip.Timeout;
        long ticks = first.Ticks << Math.Min(_handshakeTries, 10);
        return TimeSpan.FromTicks(Math.Min(ticks, _options.RtoMax.Ticks));
    }

    private void RunHandshakeTimer(Instant now)
    {
        if (_handshakeAt > now)
        {
            return;
        }

        if (++_handshakeTries > _options.MaxRetransmissions)
        {
            Fail(SctpCloseReason.TimedOut, AbortCause.None);
            return;
        }

        _handshakeAt = now + HandshakeTimeout();
        switch (_phase)
        {
            case Phase.CookieWait:
                _initDue = true;
                break;
            case Phase.CookieEchoed:
                _cookieEchoDue = true;
                break;
            case Phase.ShutdownSent:
                _shutdownDue = true;
                break;
            case Phase.ShutdownAckSent:
                _shutdownAckDue = true;
                break;
            default:
                _handshakeAt = Instant.Distant;
                break;
        }
    }

    /// <summary>
    /// An INIT changes nothing here (§5.1, §5.2.1, §5.2.2): whatever its sender is owed travels in the cookie.
    /// One answer waits at most, so a flood costs one INIT ACK for each <see cref="Advance"/>.
    /// </summary>
    private void TakeInit(ReadOnlySpan<byte> value)
    {
        _stats.InitsReceived++;
        if (!InitChunk.TryParse(value, out InitChunk init, out _))
        {
            _stats.DroppedMalformed++;
            return;
        }

        if (_phase == Phase.ShutdownAckSent)
        {
            // §9.2: the peer is still ending the old association.
            _shutdownAckDue = true;
            return;
        }

        _stats.DroppedReplies += _initToAnswer is null ? 0 : 1;
        _initToAnswer = init;
    }

    private StateCookie MakeCookie(Instant now, in InitChunk init)
    {
        if (_cookieKey is null)
        {
            _cookieKey = new byte[KeySize];
            _entropy.FillSecret(_cookieKey);
        }

        // Before there is an association our tag is the one we would use ourselves, so that crossing INITs meet (§5.2.1);
        // after that it is a new one, with the present tags to tell a restart from a forgery (§5.2.2).
        return _phase is Phase.Closed or Phase.CookieWait or Phase.CookieEchoed
            ? new StateCookie(now, _localTag, _localFirst, init, 0, 0)
            : new StateCookie(now, NewTag(), new Tsn(NewTag()), init, _localTag, _peerTag);
    }

    private void TakeInitAck(Instant now, ReadOnlySpan<byte> value)
    {
        if (_phase != Phase.CookieWait)
        {
            _stats.DroppedUnexpected++;
            return;
        }

        if (!InitChunk.TryParse(value, out InitChunk peer, out ReadOnlySpan<byte> cookie) || cookie.IsEmpty
            || cookie.Length + PacketWriter.HeaderSize + 8 > _options.MaxPacketSize)
        {
            _stats.DroppedMalformed++;
            return;
        }

        if (_handshakeTries == 0)
        {
            _roundTrip.Measure(now - _initSentAt);
        }

        _peer = peer;
        _peerTag = peer.Tag;
        _cookie = cookie.ToArray();
        _cookieEchoDue = true;
        _initDue = false;
        _phase = Phase.CookieEchoed;
        _handshakeTries = 0;
        _handshakeAt = now + HandshakeTimeout();
    }

    /// <summary>Takes a COOKIE ECHO (§5.1.5, §5.2.4). False when the packet is to be dropped.</summary>
    private bool TakeCookieEcho(Instant now, uint packetTag, ReadOnlySpan<byte> value)
    {
        if (_cookieKey is null || !StateCookie.TryRead(value, _cookieKey, out StateCookie cookie) || cookie.LocalTag != packetTag
            || now - cookie.Created > _options.CookieLife || now < cookie.Created)
        {
            _stats.DroppedCookies++;
            return false;
        }

        if (_phase == Phase.Closed)
        {
            Adopt(now, cookie);
            return true;
        }

        bool sameLocal = cookie.LocalTag == _localTag;
        bool samePeer = cookie.Peer.Tag == _peerTag;
        if (sameLocal && _phase is Phase.CookieWait or Phase.CookieEchoed)
        {
            // B and D of §5.2.4: both sides sent INIT.
            Adopt(now, cookie);
            return true;
        }

        if (sameLocal && samePeer)
        {
            // D: our COOKIE ACK was lost.
            _cookieAckDue = true;
            return true;
        }

        if (!sameLocal && !samePeer && cookie.LocalTieTag == _localTag && cookie.PeerTieTag == _peerTag && cookie.LocalTieTag != 0)
        {
            // A: the peer has lost its state and starts anew within the same DTLS connection.
            CloseEveryChannel();
            _localTag = cookie.LocalTag;
            _localFirst = cookie.LocalTsn;
            _sender = NewSender();
            _roundTrip.Reset();
            Adopt(now, cookie);
            return true;
        }

        _stats.DroppedCookies++;
        return false;
    }

    private void Adopt(Instant now, in StateCookie cookie)
    {
        _peer = cookie.Peer;
        _peerTag = cookie.Peer.Tag;
        _cookieAckDue = true;
        TimeSpan age = now - cookie.Created;
        if (_roundTrip.Smoothed is null && age < _options.RtoInitial)
        {
            // Older than our peer's first retransmission it may be the answer to a repeated INIT ACK.
            _roundTrip.Measure(age);
        }

        Establish(now);
    }

    private void TakeCookieAck(Instant now)
    {
        if (_phase == Phase.CookieEchoed)
        {
            Establish(now);
        }
        else
        {
            _stats.DroppedUnexpected++;
        }
    }

    private void Establish(Instant now)
    {
        _phase = Phase.Established;
        _cookie = null;
        _initDue = false;
        _cookieEchoDue = false;
        _handshakeAt = Instant.Distant;
        _handshakeTries = 0;
        _receiver = new DataReceiver(_options, _stats, _events, _roundTrip, _peer.InitialTsn);
        _resets = new StreamResets(_options, _roundTrip, _localFirst, _peer.InitialTsn);
        _sender.Start(_peer.Window, _peer.ForwardTsn);
        _heartbeatAt = NextHeartbeat(now);
        _events.Established();
        AnnounceChannels();
    }

    private void TakeShutdown(Instant now, ReadOnlySpan<byte> value)
    {
        if (value.Length < 4 || _phase is Phase.Closed or Phase.CookieWait or Phase.CookieEchoed)
        {
            _stats.DroppedUnexpected++;
            return;
        }

        // A SHUTDOWN acknowledges cumulatively (§9.2); we read it as a SACK without gaps and with the window as it was.
        if (!_sender.AcknowledgeCumulative(now, new Tsn(BinaryPrimitives.ReadUInt32BigEndian(value))))
        {
            Fail(SctpCloseReason.ProtocolViolation, AbortCause.ProtocolViolation);
            return;
        }

        switch (_phase)
        {
            case Phase.Established or Phase.ShutdownPending:
                _phase = Phase.ShutdownReceived;
                break;
            case Phase.ShutdownSent:
                // Both sides ask at once.
                EnterShutdownAckSent(now);
                break;
        }

        ContinueShutdown(now);
    }

    /// <summary>Goes on with the orderly end when nothing is left to be delivered.</summary>
    private void ContinueShutdown(Instant now)
    {
        if (!_sender.IsIdle)
        {
            return;
        }

        if (_phase == Phase.ShutdownPending)
        {
            _phase = Phase.ShutdownSent;
            _shutdownDue = true;
            _handshakeTries = 0;
            _handshakeAt = now + HandshakeTimeout();
        }
        else if (_phase == Phase.ShutdownReceived)
        {
            EnterShutdownAckSent(now);
        }
    }

    private void EnterShutdownAckSent(Instant now)
    {
        Debug.Assert(_phase is Phase.ShutdownReceived or Phase.ShutdownSent, "only from these two");
        _phase = Phase.ShutdownAckSent;
        _shutdownDue = false;
        _shutdownAckDue = true;
        _handshakeTries = 0;
        _handshakeAt = now + HandshakeTimeout();
    }

    private void TakeShutdownAck()
    {
        if (_phase is Phase.ShutdownSent or Phase.ShutdownAckSent)
        {
            _shutdownCompleteDue = true;
            End(SctpCloseReason.Shutdown);
        }
        else
        {
            _stats.DroppedUnexpected++;
        }
    }
}
