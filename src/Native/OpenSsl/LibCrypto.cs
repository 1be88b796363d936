using System.Runtime.InteropServices;

namespace Bridge.Native.OpenSsl;

/// <summary>The part of libcrypto 3 that is used; names and shapes are the library's.</summary>
internal static unsafe partial class LibCrypto
{
    internal const int BioCtrlReset = 1;
    internal const int BioCtrlPending = 10;
    internal const int BioSetMemoryEofReturn = 130;

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial nint BIO_s_mem();

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial BioHandle BIO_new(nint method);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int BIO_free(nint bio);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int BIO_up_ref(BioHandle bio);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int BIO_read(BioHandle bio, byte* data, int length);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int BIO_write(BioHandle bio, byte* data, int length);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial CLong BIO_ctrl(BioHandle bio, int command, CLong number, void* pointer);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial X509Handle d2i_X509(nint* target, byte** der, CLong length);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int i2d_X509(X509Handle certificate, byte** der);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void X509_free(nint certificate);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial EvpKeyHandle d2i_AutoPrivateKey(nint* target, byte** der, CLong length);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial CULong ERR_get_error();

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void ERR_clear_error();

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void ERR_error_string_n(CULong error, byte* buffer, nuint length);

    /// <summary>Empties the thread's error queue into one sentence. The queue belongs to the thread, so this follows right after the failed call.</summary>
    internal static string TakeErrors()
    {
        string text = "";
        byte* buffer = stackalloc byte[256];
        while (ERR_get_error() is { Value: not 0 } error)
        {
            ERR_error_string_n(error, buffer, 256);
            string one = Marshal.PtrToStringAnsi((nint)buffer) ?? "";
            text = text.Length == 0 ? one : text + "; " + one;
        }

        return text.Length == 0 ? "no reason given" : text;
    }
}
