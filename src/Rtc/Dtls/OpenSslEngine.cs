using Bridge.Native.OpenSsl;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Dtls;

/// <summary>DTLS 1.2 by OpenSSL. Retransmission follows OpenSSL's own clock; everything else follows the caller.</summary>
internal sealed class OpenSslEngine(DtlsContext context, DtlsRole role, int mtu) : IDtlsEngine
{
    private readonly DtlsConnection _connection = new(context, role == DtlsRole.Server, mtu);
    private Stage _stage = Stage.Handshaking;
    private DtlsSignal _announcement;
    private bool _readable;

    private enum Stage
    {
        Handshaking,
        Connected,
        Closed,
        Failed,
    }

    public SrtpProfile? Profile =>
        _stage == Stage.Handshaking ? null : _connection.SrtpProfile switch
        {
            (int)SrtpProfile.AeadAes128Gcm => SrtpProfile.AeadAes128Gcm,
            (int)SrtpProfile.Aes128CmHmacSha1Tag80 => SrtpProfile.Aes128CmHmacSha1Tag80,
            _ => null,
        };

    public string? Failure { get; private set; }

    public Deadline NextDeadline(Instant now) =>
        _stage == Stage.Handshaking && _connection.TimeUntilRetransmission is { } wait
            ? new Deadline(now + wait, DeadlineReason.Dtls)
            : Deadline.Never;

    public void Start(Instant now) => Handshake();

    public void Receive(Instant now, ReadOnlySpan<byte> datagram)
    {
        // Anybody can write our remote side's address on a datagram. A datagram that is no record is dropped here,
        // because OpenSSL 3.0 gives a connection up for some of it.
        if (_stage is Stage.Closed or Stage.Failed || !DtlsRecord.IsPlausible(datagram))
        {
            return;
        }

        _connection.Feed(datagram);
        if (_stage == Stage.Handshaking)
        {
            Handshake();
        }

        // Application data may share the datagram with the last flight, and a repeated flight is answered by reading.
        _readable = _stage == Stage.Connected;
    }

    public DtlsSignal Poll(Instant now, Span<byte> buffer, out int length)
    {
        if (_stage == Stage.Handshaking
            && _connection.TimeUntilRetransmission is { Ticks: <= 0 }
            && _connection.HandleTimeout() == DtlsOutcome.Failed)
        {
            Fail("The DTLS handshake was given up: " + _connection.LastError);
        }

        length = _connection.TakeDatagram(buffer);
        if (length > 0)
        {
            return DtlsSignal.Datagram;
        }

        if (_announcement != DtlsSignal.None)
        {
            DtlsSignal announcement = _announcement;
            _announcement = DtlsSignal.None;
            return announcement;
        }

        if (!_readable)
        {
            return DtlsSignal.None;
        }

        switch (_connection.Read(buffer, out length))
        {
            case DtlsOutcome.Done:
                return DtlsSignal.ApplicationData;
            case DtlsOutcome.WantsInput:
                _readable = false;

                // Reading a repeated last flight of the other side produces ours again.
                length = _connection.TakeDatagram(buffer);
                return length > 0 ? DtlsSignal.Datagram : DtlsSignal.None;
            case DtlsOutcome.Closed:
                _readable = false;
                _stage = Stage.Closed;
                return DtlsSignal.Closed;
            default:
                _readable = false;
                Fail("DTLS failed: " + _connection.LastError);
                return Poll(now, buffer, out length);
        }
    }

    public bool TrySend(Instant now, ReadOnlySpan<byte> data) =>
        _stage == Stage.Connected && _connection.Write(data) == DtlsOutcome.Done;

    public void Close(Instant now)
    {
        if (_stage == Stage.Connected)
        {
            _connection.Shutdown();
            _stage = Stage.Closed;
        }
    }

    public bool PeerMatches(CertificateFingerprint fingerprint) =>
        _connection.PeerCertificate() is { } certificate && fingerprint.Matches(certificate);

    public bool TryExportSrtpKeys(Span<byte> material) =>
        _stage == Stage.Connected && _connection.TryExport("EXTRACTOR-dtls_srtp"u8, material);

    public void Dispose() => _connection.Dispose();

    private void Handshake()
    {
        switch (_connection.Handshake())
        {
            case DtlsOutcome.Done:
                _stage = Stage.Connected;
                _announcement = DtlsSignal.Connected;
                break;
            case DtlsOutcome.Failed or DtlsOutcome.Closed:
                Fail("The DTLS handshake failed: " + _connection.LastError);
                break;
            default:
                break;
        }
    }

    private void Fail(string reason)
    {
        _stage = Stage.Failed;
        Failure = reason;
        _announcement = DtlsSignal.Failed;
    }
}
