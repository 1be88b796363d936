using System.Runtime.InteropServices;

namespace Bridge.Native.OpenSsl;

/// <summary>The part of libssl 3 that is used; names and shapes are the library's, numbers come from ssl.h and dtls1.h.</summary>
internal static unsafe partial class LibSsl
{
    internal const int CtrlSetMtu = 17;
    internal const int CtrlMode = 33;
    internal const int CtrlSetSessionCacheMode = 44;
    internal const int CtrlDtlsGetTimeout = 73;
    internal const int CtrlDtlsHandleTimeout = 74;
    internal const int CtrlSetGroupsList = 92;
    internal const int CtrlSetMinProtocol = 123;
    internal const int CtrlSetMaxProtocol = 124;

    internal const int Dtls12 = 0xFEFD;
    internal const int ModeReleaseBuffers = 0x10;
    internal const ulong OptionNoQueryMtu = 1UL << 12;
    internal const ulong OptionNoTicket = 1UL << 14;
    internal const ulong OptionNoRenegotiation = 1UL << 30;

    internal const int VerifyPeer = 1;
    internal const int VerifyFailIfNoPeerCertificate = 2;

    internal const int ErrorWantRead = 2;
    internal const int ErrorWantWrite = 3;
    internal const int ErrorZeroReturn = 6;

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial nint DTLS_method();

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial SslContextHandle SSL_CTX_new(nint method);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial void SSL_CTX_free(nint context);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial CLong SSL_CTX_ctrl(SslContextHandle context, int command, CLong number, void* pointer);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial ulong SSL_CTX_set_options(SslContextHandle context, ulong options);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial void SSL_CTX_set_verify(SslContextHandle context, int mode, delegate* unmanaged<int, nint, int> callback);

    [LibraryImport(NativeLibraryLocator.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_cipher_list(SslContextHandle context, string list);

    [LibraryImport(NativeLibraryLocator.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_tlsext_use_srtp(SslContextHandle context, string profiles);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial int SSL_CTX_use_certificate(SslContextHandle context, X509Handle certificate);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial int SSL_CTX_use_PrivateKey(SslContextHandle context, EvpKeyHandle key);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial SslHandle SSL_new(SslContextHandle context);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial void SSL_free(nint ssl);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial void SSL_set_bio(SslHandle ssl, BioHandle read, BioHandle write);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial void SSL_set_accept_state(SslHandle ssl);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial void SSL_set_connect_state(SslHandle ssl);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial CLong SSL_ctrl(SslHandle ssl, int command, CLong number, void* pointer);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial void DTLS_set_timer_cb(SslHandle ssl, delegate* unmanaged<nint, uint, uint> callback);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial int SSL_do_handshake(SslHandle ssl);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial int SSL_read(SslHandle ssl, byte* data, int length);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial int SSL_write(SslHandle ssl, byte* data, int length);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial int SSL_shutdown(SslHandle ssl);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial int SSL_get_error(SslHandle ssl, int result);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial nint SSL_get_selected_srtp_profile(SslHandle ssl);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial X509Handle SSL_get1_peer_certificate(SslHandle ssl);

    [LibraryImport(NativeLibraryLocator.Ssl)]
    internal static partial int SSL_export_keying_material(
        SslHandle ssl,
        byte* output,
        nuint outputLength,
        byte* label,
        nuint labelLength,
        byte* context,
        nuint contextLength,
        int useContext);
}
