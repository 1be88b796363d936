using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bridge.Native.OpenSsl;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Dtls;

/// <summary>A self-signed ECDSA P-256 certificate and OpenSSL behind it. One per process is enough.</summary>
public sealed class OpenSslIdentity : DtlsIdentity
{
    private static readonly DateTimeOffset ValidFrom = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset ValidUntil = new(2049, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly DtlsContext _context;

    private OpenSslIdentity(DtlsContext context, CertificateFingerprint fingerprint)
    {
        _context = context;
        Fingerprint = fingerprint;
    }

    /// <inheritdoc />
    public override CertificateFingerprint Fingerprint { get; }

    /// <summary>
    /// Makes a fresh certificate. Its dates are fixed ones: in WebRTC the fingerprint alone is judged (RFC 8827 §6.5), so no clock is
    /// asked.
    /// </summary>
    /// <param name="profile">The one SRTP profile to offer; null offers GCM, then SHA1-80.</param>
    /// <exception cref="Native.NativeLibraryMissingException">OpenSSL 3 is not installed.</exception>
    public static OpenSslIdentity Create(SrtpProfile? profile = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=WebRTC", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(ValidFrom, ValidUntil);
        byte[] der = certificate.RawData;
        byte[] privateKey = key.ExportPkcs8PrivateKey();
        try
        {
            string? profiles = profile switch
            {
                null => null,
                SrtpProfile.AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
                _ => "SRTP_AES128_CM_SHA1_80",
            };
            return new OpenSslIdentity(new DtlsContext(der, privateKey, profiles), CertificateFingerprint.OfCertificate(der));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }

    /// <inheritdoc />
    public override IDtlsEngine CreateEngine(DtlsRole role, int mtu) => new OpenSslEngine(_context, role, mtu);

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _context.Dispose();
        }

        base.Dispose(disposing);
    }
}
