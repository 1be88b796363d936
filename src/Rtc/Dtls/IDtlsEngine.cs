using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Dtls;

/// <summary>One DTLS 1.2 connection without a socket: OpenSSL, or a fake in virtual time.</summary>
public interface IDtlsEngine : IDisposable
{
    /// <summary>The SRTP profile agreed on; null before the handshake is complete or when none was (RFC 5764 §4.1).</summary>
    SrtpProfile? Profile { get; }

    /// <summary>Why the connection failed, in one sentence without secrets; null while it has not.</summary>
    string? Failure { get; }

    /// <summary>When <see cref="Poll"/> must be called for a retransmission.</summary>
    Deadline NextDeadline(Instant now);

    /// <summary>Begins the handshake; a client's first flight becomes ready.</summary>
    void Start(Instant now);

    /// <summary>Takes one datagram off the wire; <see cref="Poll"/> must run dry before the next.</summary>
    void Receive(Instant now, ReadOnlySpan<byte> datagram);

    /// <summary>
    /// Brings the next output; call until <see cref="DtlsSignal.None"/>. Retransmissions due at <paramref name="now"/> are among it.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="buffer">Takes a datagram or application data; at least 16,384 bytes.</param>
    /// <param name="length">Bytes written to <paramref name="buffer"/>.</param>
    DtlsSignal Poll(Instant now, Span<byte> buffer, out int length);

    /// <summary>Encrypts one record of application data; false before the handshake is complete and after the end.</summary>
    bool TrySend(Instant now, ReadOnlySpan<byte> data);

    /// <summary>Sends close_notify.</summary>
    void Close(Instant now);

    /// <summary>True when the remote certificate hashes to <paramref name="fingerprint"/>; RFC 8122 §5.</summary>
    bool PeerMatches(CertificateFingerprint fingerprint);

    /// <summary>Exports keying material with the label EXTRACTOR-dtls_srtp; RFC 5764 §4.2.</summary>
    /// <returns>False before the handshake is complete.</returns>
    bool TryExportSrtpKeys(Span<byte> material);
}
