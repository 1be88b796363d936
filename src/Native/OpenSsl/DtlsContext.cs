using System.Runtime.InteropServices;

namespace Bridge.Native.OpenSsl;

/// <summary>
/// The common part of DTLS connections: certificate, key, ciphers, SRTP profiles (an SSL_CTX). Safe to use from several threads.
/// </summary>
internal sealed class DtlsContext : IDisposable
{
    // The suite every WebRTC stack must have (RFC 8827 §6.5), and its RSA sister for a client that meets an RSA server.
    // GCM alone, so that the shortest encrypted record is known: OpenSSL 3.0 breaks off when it meets a shorter one.
    private const string Ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";

    private const string Groups = "X25519:P-256";
    private const string SrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

    /// <summary>Takes a certificate and its key.</summary>
    /// <param name="certificate">X.509, DER.</param>
    /// <param name="privateKey">PKCS#8, DER.</param>
    /// <param name="srtpProfiles">
    /// OpenSSL's names of the SRTP profiles to offer, best first, with colons between; null for GCM, then SHA1-80.
    /// </param>
    /// <exception cref="NativeLibraryMissingException">OpenSSL 3 is not installed.</exception>
    /// <exception cref="OpenSslException">OpenSSL refused one of them.</exception>
    public unsafe DtlsContext(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> privateKey, string? srtpProfiles = null)
    {
        NativeLibraryLocator.RequireOpenSsl();
        LibCrypto.ERR_clear_error();
        Handle = LibSsl.SSL_CTX_new(LibSsl.DTLS_method());
        Check(!Handle.IsInvalid, "SSL_CTX_new");
        LibSsl.SSL_CTX_ctrl(Handle, LibSsl.CtrlSetMinProtocol, new CLong(LibSsl.Dtls12), null);
        LibSsl.SSL_CTX_ctrl(Handle, LibSsl.CtrlSetMaxProtocol, new CLong(LibSsl.Dtls12), null);
        LibSsl.SSL_CTX_ctrl(Handle, LibSsl.CtrlSetSessionCacheMode, new CLong(0), null);
        LibSsl.SSL_CTX_ctrl(Handle, LibSsl.CtrlMode, new CLong(LibSsl.ModeReleaseBuffers), null);
        LibSsl.SSL_CTX_set_options(Handle, LibSsl.OptionNoQueryMtu | LibSsl.OptionNoTicket | LibSsl.OptionNoRenegotiation);

        // The certificate is judged by its fingerprint after the handshake, never by a chain (RFC 8827 §6.5).
        LibSsl.SSL_CTX_set_verify(Handle, LibSsl.VerifyPeer | LibSsl.VerifyFailIfNoPeerCertificate, &AcceptAnyChain);
        Check(LibSsl.SSL_CTX_set_cipher_list(Handle, Ciphers) == 1, "SSL_CTX_set_cipher_list");
        byte[] groups = [.. System.Text.Encoding.ASCII.GetBytes(Groups), 0];
        fixed (byte* pointer = groups)
        {
            Check(LibSsl.SSL_CTX_ctrl(Handle, LibSsl.CtrlSetGroupsList, new CLong(0), pointer).Value == 1, "SSL_CTX_set1_groups_list");
        }

        Check(LibSsl.SSL_CTX_set_tlsext_use_srtp(Handle, srtpProfiles ?? SrtpProfiles) == 0, "SSL_CTX_set_tlsext_use_srtp");
        fixed (byte* start = certificate)
        {
            byte* der = start;
            using X509Handle x509 = LibCrypto.d2i_X509(null, &der, new CLong(certificate.Length));
            Check(!x509.IsInvalid && LibSsl.SSL_CTX_use_certificate(Handle, x509) == 1, "SSL_CTX_use_certificate");
        }

        fixed (byte* start = privateKey)
        {
            byte* der = start;
            using EvpKeyHandle key = LibCrypto.d2i_AutoPrivateKey(null, &der, new CLong(privateKey.Length));
            Check(!key.IsInvalid && LibSsl.SSL_CTX_use_PrivateKey(Handle, key) == 1, "SSL_CTX_use_PrivateKey");
        }
    }

    internal SslContextHandle Handle { get; }

    /// <summary>Releases the context; connections made before keep it alive for themselves.</summary>
    public void Dispose() => Handle.Dispose();

    [UnmanagedCallersOnly]
    private static int AcceptAnyChain(int preverified, nint store) => 1;

    private void Check(bool succeeded, string function)
    {
        if (!succeeded)
        {
            string reason = LibCrypto.TakeErrors();
            Handle.Dispose();
            throw new OpenSslException($"{function} failed: {reason}");
        }
    }
}
