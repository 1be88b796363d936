using Microsoft.Win32.SafeHandles;

namespace Bridge.Native.OpenSsl;

/// <summary>SSL_CTX*.</summary>
internal sealed class SslContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        return true;
    }
}

/// <summary>SSL*; owns one reference of each of its two BIOs.</summary>
internal sealed class SslHandle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        return true;
    }
}

/// <summary>BIO* over memory.</summary>
internal sealed class BioHandle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        return LibCrypto.BIO_free(handle) == 1;
    }
}

/// <summary>X509*.</summary>
internal sealed class X509Handle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.X509_free(handle);
        return true;
    }
}

/// <summary>EVP_PKEY*.</summary>
internal sealed class EvpKeyHandle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }
}

/// <summary>EVP_CIPHER*.</summary>
internal sealed class EvpCipherHandle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_CIPHER_free(handle);
        return true;
    }
}

/// <summary>EVP_CIPHER_CTX*.</summary>
internal sealed class EvpCipherContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_CIPHER_CTX_free(handle);
        return true;
    }
}

/// <summary>EVP_MAC*.</summary>
internal sealed class EvpMacHandle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_MAC_free(handle);
        return true;
    }
}

/// <summary>EVP_MAC_CTX*.</summary>
internal sealed class EvpMacContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_MAC_CTX_free(handle);
        return true;
    }
}
