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
    internal static partial CULong OpenSSL_version_num();

    [LibraryImport(NativeLibraryLocator.Crypto, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial EvpCipherHandle EVP_CIPHER_fetch(nint library, string algorithm, nint properties);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void EVP_CIPHER_free(nint cipher);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial EvpCipherContextHandle EVP_CIPHER_CTX_new();

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int EVP_CipherInit_ex2(
        EvpCipherContextHandle context, EvpCipherHandle cipher, byte* key, byte* iv, int encrypt, OsslParam* parameters);

    // The steps of a packet take the pointer of a handle that HandleUse holds through all of them: a handle marshalled
    // for each step costs as much as the step.
    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int EVP_CipherInit_ex2(nint context, nint cipher, byte* key, byte* iv, int encrypt, OsslParam* parameters);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int EVP_CipherUpdate(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int EVP_CipherFinal_ex(nint context, byte* output, int* outputLength);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int EVP_CIPHER_CTX_ctrl(nint context, int command, int number, byte* pointer);

    [LibraryImport(NativeLibraryLocator.Crypto, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial EvpMacHandle EVP_MAC_fetch(nint library, string algorithm, nint properties);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void EVP_MAC_free(nint mac);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial EvpMacContextHandle EVP_MAC_CTX_new(EvpMacHandle mac);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void EVP_MAC_CTX_free(nint context);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int EVP_MAC_init(nint context, byte* key, nuint keyLength, OsslParam* parameters);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int EVP_MAC_update(nint context, byte* data, nuint length);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial int EVP_MAC_final(nint context, byte* output, nuint* outputLength, nuint outputSize);

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial CULong ERR_get_error();

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void ERR_clear_error();

    [LibraryImport(NativeLibraryLocator.Crypto)]
    internal static partial void ERR_error_string_n(CULong error, byte* buffer, nuint length);

    /// <summary>Throws what the thread's error queue says of the function that has just failed.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal static void Throw(string function) => throw new OpenSslException($"{function} failed: {TakeErrors()}");

    /// <summary>
    /// Empties the thread's error queue into one sentence. The queue belongs to the thread, so this follows right after the failed call.
    /// </summary>
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

    /// <summary>OSSL_PARAM (openssl/core.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OsslParam
    {
        internal const uint Utf8String = 4;

        internal byte* Key;
        internal uint DataType;
        internal void* Data;
        internal nuint DataSize;
        internal nuint ReturnSize;
    }
}
