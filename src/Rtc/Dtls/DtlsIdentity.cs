namespace Bridge.Rtc.Dtls;

/// <summary>A certificate and the means to make DTLS connections with it; made once, shared by all peers and threads.</summary>
public abstract class DtlsIdentity : IDisposable
{
    /// <summary>The fingerprint that goes into the SDP.</summary>
    public abstract CertificateFingerprint Fingerprint { get; }

    /// <summary>A fresh connection.</summary>
    /// <param name="role">The side of the handshake.</param>
    /// <param name="mtu">The longest datagram to send, in bytes of UDP payload.</param>
    public abstract IDtlsEngine CreateEngine(DtlsRole role, int mtu);

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the certificate; connections made before stay valid.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
