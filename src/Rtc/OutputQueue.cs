using System.Buffers;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Ice;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc;

/// <summary>
/// The outputs of a peer that the host has not fetched yet, in order. Buffers come from the shared pool and go back when drained, so an
/// idle peer holds none.
/// </summary>
internal sealed class OutputQueue(RtcStats stats, bool limited = false)
{
    /// <summary>A buffer holds any datagram of an Ethernet path, protected.</summary>
    public const int BufferSize = 2048;

    // Far above what one call makes between two drains; a host that never drains must not make a peer grow.
    private const int Limit = 1024;

    private const int NoProfile = -1;

    private const int IPv4AndUdp = 28;
    private const int IPv6AndUdp = 48;

    private Output[] _ring = new Output[4];
    private int _head;
    private int _count;

    /// <summary>The routes known, with how much may be sent on each.</summary>
    public RouteTable Routes { get; } = new(limited);

    /// <summary>Bytes of all datagrams, IP and UDP counted.</summary>
    public long BytesQueued { get; private set; }

    /// <summary>The drops, reported to the sink after everything else.</summary>
    public Drops Drops { get; } = new(stats);

    public static byte[] Rent() => ArrayPool<byte>.Shared.Rent(BufferSize);

    public static void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);

    /// <summary>Queues a datagram that lies in a rented buffer; the queue owns the buffer from now on.</summary>
    public void AddDatagram(byte[] rented, int length, Route to)
    {
        if (Routes.TrySpend(to, length))
        {
            BytesQueued += length + (to.Remote.IsIPv4 ? IPv4AndUdp : IPv6AndUdp);
            Add(new Output { Kind = OutputKind.Datagram, Buffer = rented, Length = length, Route = to });
        }
        else
        {
            Drops.Add(DropReason.AmplificationLimit, length);
            Return(rented);
        }
    }

    /// <summary>Queues a copy of a datagram.</summary>
    public void AddDatagram(ReadOnlySpan<byte> datagram, Route to)
    {
        byte[] rented = Rent();
        datagram.CopyTo(rented);
        AddDatagram(rented, datagram.Length, to);
    }

    public void AddState(RtcPeerState state) => Add(new Output { Kind = OutputKind.State, Length = (int)state });

    public void AddFormat(in AudioFormat format) => Add(new Output { Kind = OutputKind.Format, Format = new FormatBox(format) });

    public void AddRoute(Route route) => Add(new Output { Kind = OutputKind.Route, Route = route });

    public void AddIceRestart() => Add(new Output { Kind = OutputKind.IceRestart });

    public void AddDtlsStart(DtlsRole role) => Add(new Output { Kind = OutputKind.DtlsStart, Length = (int)role });

    public void AddDtlsConnected(SrtpProfile? profile) =>
        Add(new Output { Kind = OutputKind.DtlsConnected, Length = profile is { } agreed ? (int)agreed : NoProfile });

    public void AddDtmf(in DtmfEvent digit) => Add(new Output
    {
        Kind = OutputKind.Dtmf,
        Audio = new AudioOutput { Timestamp = digit.Timestamp, Sequence = digit.Digit, Arrival = new Instant(digit.Duration.Ticks) },
    });

    /// <summary>Queues a copy of an audio payload.</summary>
    public void AddAudio(in RtpPacket packet)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(Math.Max(packet.Payload.Length, 1));
        packet.Payload.CopyTo(rented);
        Add(new Output
        {
            Kind = OutputKind.Audio,
            Buffer = rented,
            Length = packet.Payload.Length,
            Audio = new AudioOutput
            {
                PayloadType = packet.PayloadType,
                Sequence = packet.Sequence,
                Timestamp = packet.Timestamp,
                Ssrc = packet.Ssrc,
                Marker = packet.Marker,
                Level = packet.Level,
                VoiceActivity = packet.VoiceActivity,
                Recovered = packet.Recovered,
                Arrival = packet.Arrival,
            },
        });
    }

    /// <summary>Gives everything to the sink.</summary>
    public void Drain(IRtcSink sink)
    {
        while (_count > 0)
        {
            ref Output output = ref _ring[_head];
            _head = (_head + 1) & (_ring.Length - 1);
            _count--;
            switch (output.Kind)
            {
                case OutputKind.Datagram:
                    stats.DatagramsSent++;
                    sink.Transmit(output.Buffer.AsSpan(0, output.Length), output.Route);
                    break;
                case OutputKind.Audio:
                    sink.AudioReceived(output.Audio.ToPacket(output.Buffer.AsSpan(0, output.Length)));
                    break;
                case OutputKind.State:
                    sink.StateChanged((RtcPeerState)output.Length);
                    break;
                case OutputKind.Format:
                    sink.AudioNegotiated(output.Format!.Value);
                    break;
                case OutputKind.Route:
                    sink.RouteSelected(output.Route);
                    break;
                case OutputKind.IceRestart:
                    sink.IceRestarted();
                    break;
                case OutputKind.DtlsStart:
                    sink.DtlsStarted((DtlsRole)output.Length);
                    break;
                case OutputKind.DtlsConnected:
                    sink.DtlsConnected(output.Length == NoProfile ? null : (SrtpProfile)output.Length);
                    break;
                default:
                    var duration = new TimeSpan(output.Audio.Arrival.Ticks);
                    sink.DtmfReceived(new DtmfEvent((char)output.Audio.Sequence, duration, output.Audio.Timestamp));
                    break;
            }

            Release(ref output);
        }

        while (Drops.TryDequeue(out DropReason reason, out int count, out long bytes))
        {
            sink.Dropped(reason, count, bytes);
        }
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        while (_count > 0)
        {
            Release(ref _ring[_head]);
            _head = (_head + 1) & (_ring.Length - 1);
            _count--;
        }
    }

    private static void Release(ref Output output)
    {
        if (output.Buffer is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        output = default;
    }

    private void Add(in Output output)
    {
        if (_count >= Limit && (output.Kind is OutputKind.Datagram or OutputKind.Audio))
        {
            Drops.Add(DropReason.OutputQueueFull, output.Length);
            if (output.Buffer is { } buffer)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            return;
        }

        if (_count == _ring.Length)
        {
            var larger = new Output[_ring.Length * 2];
            for (int i = 0; i < _count; i++)
            {
                larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
            }

            (_ring, _head) = (larger, 0);
        }

        _ring[(_head + _count) & (_ring.Length - 1)] = output;
        _count++;
    }

    private enum OutputKind : byte
    {
        Datagram,
        Audio,
        Dtmf,
        State,
        Format,
        Route,
        IceRestart,
        DtlsStart,
        DtlsConnected,
    }

    private struct AudioOutput
    {
        public Instant Arrival;
        public uint Timestamp;
        public uint Ssrc;
        public ushort Sequence;
        public byte PayloadType;
        public bool Marker;
        public bool VoiceActivity;
        public bool Recovered;
        public byte? Level;

        public readonly RtpPacket ToPacket(ReadOnlySpan<byte> payload) => new()
        {
            Payload = payload,
            PayloadType = PayloadType,
            Sequence = Sequence,
            Timestamp = Timestamp,
            Ssrc = Ssrc,
            Marker = Marker,
            Level = Level,
            VoiceActivity = VoiceActivity,
            Recovered = Recovered,
            Arrival = Arrival,
        };
    }

    private struct Output
    {
        public OutputKind Kind;
        public byte[]? Buffer;
        public int Length;
        public Route Route;
        public AudioOutput Audio;
        public FormatBox? Format;
    }

    // Formats are rare; a reference keeps the ring's slots small.
    private sealed record FormatBox(AudioFormat Value);
}
