using System.Buffers.Binary;
using System.Security.Cryptography;
using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Srtp;

namespace Bridge.Testing;

/// <summary>
/// The outline of DTLS 1.2 without its cryptography: four flights, of which each side repeats its own until the next
/// one comes; records with a replay window; close_notify. Strict: what does not belong is dropped, as in DTLS.
/// </summary>
public sealed class FakeDtlsEngine(DtlsRole role, byte[] certificate, IEntropy entropy, SrtpProfile? profile) : IDtlsEngine
{
    private const byte Alert = 21;
    private const byte Handshake = 22;
    private const byte ApplicationData = 23;
    private const int RandomSize = 16;
    private const int CodeSize = 8;

    private static readonly TimeSpan FirstTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(3);

    private readonly Queue<byte[]> _output = [];
    private readonly Queue<byte[]> _data = [];
    private readonly Queue<DtlsSignal> _signals = [];
    private readonly byte[] _ownRandom = new byte[RandomSize];
    private byte[]? _peerRandom;
    private byte[]? _peerCertificate;
    private byte[]? _flight;
    private byte[]? _secret;
    private Instant _repeatAt = Instant.Distant;
    private TimeSpan _timeout = FirstTimeout;
    private ReplayWindow _window;
    private ulong _sent;
    private bool _connected;
    private bool _ended;

    public SrtpProfile? Profile => _connected ? profile : null;

    public string? Failure => null;

    /// <summary>Handshake flights sent again.</summary>
    public int Repetitions { get; private set; }

    public Deadline NextDeadline(Instant now) => new(_repeatAt, DeadlineReason.Dtls);

    public void Start(Instant now)
    {
        entropy.FillSecret(_ownRandom);
        SendFlight(now, [1, .. _ownRandom]);
    }

    public void Receive(Instant now, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 4 || _ended)
        {
            return;
        }

        switch (datagram[0])
        {
            case Handshake:
                ReceiveHandshake(now, datagram[3..]);
                break;
            case ApplicationData when _connected:
                ReceiveData(datagram[3..]);
                break;
            case Alert when _connected && IsAuthentic(datagram[3..]):
                _ended = true;
                _signals.Enqueue(DtlsSignal.Closed);
                break;
            default:
                break;
        }
    }

    public DtlsSignal Poll(Instant now, Span<byte> buffer, out int length)
    {
        if (now >= _repeatAt && _flight is not null)
        {
            Repetitions++;
            _output.Enqueue(_flight);
            _timeout = TimeSpan.FromTicks(Math.Min(_timeout.Ticks * 2, LongestTimeout.Ticks));
            _repeatAt = now + _timeout;
        }

        if (_output.TryDequeue(out byte[]? datagram))
        {
            datagram.CopyTo(buffer);
            length = datagram.Length;
            return DtlsSignal.Datagram;
        }

        length = 0;
        if (_signals.TryDequeue(out DtlsSignal signal))
        {
            return signal;
        }

        if (_data.TryDequeue(out byte[]? data))
        {
            data.CopyTo(buffer);
            length = data.Length;
            return DtlsSignal.ApplicationData;
        }

        return DtlsSignal.None;
    }

    public bool TrySend(Instant now, ReadOnlySpan<byte> data)
    {
        if (!_connected || _ended)
        {
            return false;
        }

        SendRecord(ApplicationData, data);
        return true;
    }

    public void Close(Instant now)
    {
        if (_connected && !_ended)
        {
            SendRecord(Alert, [0]);
            _ended = true;
        }
    }

    public bool PeerMatches(CertificateFingerprint fingerprint) => _peerCertificate is not null && fingerprint.Matches(_peerCertificate);

    public bool TryExportSrtpKeys(Span<byte> material)
    {
        if (!_connected)
        {
            return false;
        }

        HKDF.Expand(HashAlgorithmName.SHA256, _secret!, material, "srtp"u8);
        return true;
    }

    public void Dispose()
    {
    }

    // 1 client: random | 2 server: random, certificate | 3 client: certificate | 4 server: done
    private void ReceiveHandshake(Instant now, ReadOnlySpan<byte> message)
    {
        switch (message[0])
        {
            case 1 when role == DtlsRole.Server && message.Length == 1 + RandomSize:
                if (_peerRandom is null)
                {
                    _peerRandom = message[1..].ToArray();
                    entropy.FillSecret(_ownRandom);
                    SendFlight(now, [2, .. _ownRandom, .. certificate]);
                }
                else if (!_connected && message[1..].SequenceEqual(_peerRandom))
                {
                    RepeatFlight();
                }

                break;
            case 2 when role == DtlsRole.Client && !_connected && message.Length > 1 + RandomSize:
                if (_peerRandom is null)
                {
                    _peerRandom = message.Slice(1, RandomSize).ToArray();
                    _peerCertificate = message[(1 + RandomSize)..].ToArray();
                    SendFlight(now, [3, .. certificate]);
                }
                else
                {
                    RepeatFlight();
                }

                break;
            case 3 when role == DtlsRole.Server && _peerRandom is not null && message.Length > 1:
                if (!_connected)
                {
                    _peerCertificate = message[1..].ToArray();
                    SendFlight(now, [4, 0]);
                    Complete();
                }
                else
                {
                    // The last flight has no timer: it is repeated for whoever repeats the one before (RFC 6347 §4.2.4).
                    RepeatFlight();
                }

                break;
            case 4 when role == DtlsRole.Client && !_connected && _peerCertificate is not null:
                Complete();
                _flight = null;
                break;
            default:
                break;
        }
    }

    private void Complete()
    {
        byte[] randoms = role == DtlsRole.Client ? [.. _ownRandom, .. _peerRandom!] : [.. _peerRandom!, .. _ownRandom];
        _secret = SHA256.HashData(randoms);
        _connected = true;
        _repeatAt = Instant.Distant;
        _signals.Enqueue(DtlsSignal.Connected);
    }

    private void SendFlight(Instant now, byte[] message)
    {
        _flight = [Handshake, 0xFE, 0xFD, .. message];
        _timeout = FirstTimeout;
        _repeatAt = now + _timeout;
        _output.Enqueue(_flight);
    }

    private void RepeatFlight()
    {
        Repetitions++;
        _output.Enqueue(_flight!);
    }

    // number(8) | data | code(8)
    private void SendRecord(byte type, ReadOnlySpan<byte> data)
    {
        byte[] record = new byte[3 + 8 + data.Length + CodeSize];
        record[0] = type;
        record[1] = 0xFE;
        record[2] = 0xFD;
        BinaryPrimitives.WriteUInt64BigEndian(record.AsSpan(3), _sent++);
        data.CopyTo(record.AsSpan(11));
        Code(record.AsSpan(3, 8 + data.Length)).CopyTo(record.AsSpan(11 + data.Length));
        _output.Enqueue(record);
    }

    private bool IsAuthentic(ReadOnlySpan<byte> record) =>
        record.Length >= 8 + CodeSize && Code(record[..^CodeSize]).SequenceEqual(record[^CodeSize..]);

    private void ReceiveData(ReadOnlySpan<byte> record)
    {
        if (!IsAuthentic(record))
        {
            return;
        }

        ulong number = BinaryPrimitives.ReadUInt64BigEndian(record);
        if (!_window.Contains(number))
        {
            _window.Add(number);
            _data.Enqueue(record[8..^CodeSize].ToArray());
        }
    }

    private ReadOnlySpan<byte> Code(ReadOnlySpan<byte> record) => HMACSHA256.HashData(_secret!, record).AsSpan(0, CodeSize);
}
