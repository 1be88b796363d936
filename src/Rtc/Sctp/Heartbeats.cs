using System.Buffers.Binary;

namespace Bridge.Rtc.Sctp;

/// <summary>HEARTBEAT in both directions (RFC 9260 §8.3): the peer's are answered, our own show that it lives.</summary>
internal sealed class Heartbeats
{
    /// <summary>Bytes of a HEARTBEAT of ours.</summary>
    public const int ChunkSize = 4 + InfoSize;

    // Parameter header and a secret that proves the answer; the time is kept here.
    private const int InfoSize = 12;

    private const int MaxWaiting = 4;

    private readonly IEntropy _entropy;
    private readonly SctpOptions _options;
    private readonly Drops _drops;
    private readonly RoundTripEstimator _roundTrip;
    private readonly List<byte[]> _toAnswer = new(0);

    // So that a thousand idle associations don't ask in one moment.
    private readonly TimeSpan _spread;

    private Instant _sentAt;
    private ulong _secret;
    private int _unansweredCount;
    private bool _due;

    public Heartbeats(Instant start, IEntropy entropy, SctpOptions options, Drops drops, RoundTripEstimator roundTrip)
    {
        _entropy = entropy;
        _options = options;
        _drops = drops;
        _roundTrip = roundTrip;
        _spread = TimeSpan.FromTicks(entropy.NextCosmetic() % SctpOptions.HeartbeatInterval.Ticks / 4);
        At = Next(start);
    }

    /// <summary>The secret of the one that was answered last; 0 for none.</summary>
    public ulong Answered { get; private set; }

    /// <summary>When the next one is due.</summary>
    public Instant At { get; private set; }

    /// <summary>Whether the peer has answered too many in a row not.</summary>
    public bool IsPeerDead => _unansweredCount > _options.MaxRetransmissions;

    /// <summary>Asks with the next packet.</summary>
    public void Probe() => _due = true;

    /// <summary>Something came in: no need to ask.</summary>
    public void Heard(Instant now)
    {
        At = Next(now);
        _unansweredCount = 0;
    }

    public void RunTimer(Instant now)
    {
        if (At <= now)
        {
            _due = true;
            _unansweredCount++;
            At = Next(now);
        }
    }

    public void Stop() => At = Instant.Distant;

    public void Receive(ReadOnlySpan<byte> info)
    {
        if (info.Length + PacketWriter.HeaderSize + 4 > _options.MaxPacketSize || _toAnswer.Count == MaxWaiting)
        {
            _drops.Add(DropReason.SctpAnswerWaiting, info.Length);
            return;
        }

        _toAnswer.Add(info.ToArray());
    }

    public void ReceiveAck(Instant now, ReadOnlySpan<byte> info)
    {
        if (_secret == 0 || info.Length < InfoSize || BinaryPrimitives.ReadUInt64BigEndian(info[4..]) != _secret)
        {
            _drops.Add(DropReason.SctpUnexpected, info.Length);
            return;
        }

        Answered = _secret;
        _secret = 0;
        _roundTrip.Measure(now - _sentAt);
    }

    public void Write(Instant now, ref PacketWriter packet)
    {
        while (_toAnswer.Count > 0 && packet.Room >= _toAnswer[^1].Length)
        {
            byte[] info = _toAnswer[^1];
            _toAnswer.RemoveAt(_toAnswer.Count - 1);
            info.CopyTo(packet.Append(ChunkType.HeartbeatAck, 0, info.Length));
        }

        if (_due && packet.Room >= InfoSize)
        {
            WriteOwn(now, ref packet);
        }
    }

    /// <summary>Writes one of ours and gives its secret.</summary>
    public ulong WriteOwn(Instant now, ref PacketWriter packet)
    {
        const ushort HeartbeatInfo = 1;
        Span<byte> secret = stackalloc byte[8];
        _entropy.FillSecret(secret);
        _due = false;
        _secret = BinaryPrimitives.ReadUInt64BigEndian(secret) | 1;
        _sentAt = now;
        Span<byte> value = packet.Append(ChunkType.Heartbeat, 0, InfoSize);
        InitChunk.WriteParameterHeader(value, (ParameterType)HeartbeatInfo, 8);
        BinaryPrimitives.WriteUInt64BigEndian(value[4..], _secret);
        return _secret;
    }

    private Instant Next(Instant now) => (now + SctpOptions.HeartbeatInterval + _spread).Unhurried;
}
