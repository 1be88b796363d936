using System.Runtime.InteropServices;

namespace Bridge.Benchmarks.Peers;

/// <summary>
/// libsrtp 2 by its C interface (srtp.h, version 2.5): one context, all sources of one direction. It lives as long as the process.
/// </summary>
internal sealed unsafe partial class LibSrtp
{
    private const string Library = "libsrtp2.so.1";
    private const int AnyInbound = 2;
    private const int AnyOutbound = 3;

    // Once a process: a second srtp_init is refused.
    private static readonly int _initialized = Init();

    private readonly nint _context;

    /// <param name="gcm">AEAD_AES_128_GCM; otherwise AES128_CM_HMAC_SHA1_80.</param>
    /// <param name="key">Master key and salt: 28 bytes for GCM, 30 otherwise.</param>
    /// <param name="outbound">To protect with; otherwise to unprotect with.</param>
    internal LibSrtp(bool gcm, byte[] key, bool outbound)
    {
        Check(_initialized, "srtp_init");
        fixed (byte* pointer = key)
        {
            Policy policy = new() { SsrcType = outbound ? AnyOutbound : AnyInbound, Key = pointer, WindowSize = 128 };
            if (gcm)
            {
                SetGcm(&policy.Rtp);
                SetGcm(&policy.Rtcp);
            }
            else
            {
                SetDefault(&policy.Rtp);
                SetDefault(&policy.Rtcp);
            }

            Check(Create(out _context, &policy), "srtp_create");
        }
    }

    internal static bool IsInstalled => NativeLibrary.TryLoad(Library, out _);

    /// <summary>Protects in place; the length grows by the tag.</summary>
    internal int Protect(Span<byte> packet, int length)
    {
        fixed (byte* pointer = packet)
        {
            Check(Protect(_context, pointer, ref length), "srtp_protect");
            return length;
        }
    }

    /// <summary>Unprotects in place.</summary>
    internal int Unprotect(Span<byte> packet, int length)
    {
        fixed (byte* pointer = packet)
        {
            Check(Unprotect(_context, pointer, ref length), "srtp_unprotect");
            return length;
        }
    }

    private static void Check(int status, string function)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"{function} answered {status}");
        }
    }

    [LibraryImport(Library, EntryPoint = "srtp_init")]
    private static partial int Init();

    [LibraryImport(Library, EntryPoint = "srtp_crypto_policy_set_aes_gcm_128_16_auth")]
    private static partial void SetGcm(CryptoPolicy* policy);

    [LibraryImport(Library, EntryPoint = "srtp_crypto_policy_set_rtp_default")]
    private static partial void SetDefault(CryptoPolicy* policy);

    [LibraryImport(Library, EntryPoint = "srtp_create")]
    private static partial int Create(out nint context, Policy* policy);

    [LibraryImport(Library, EntryPoint = "srtp_protect")]
    private static partial int Protect(nint context, byte* packet, ref int length);

    [LibraryImport(Library, EntryPoint = "srtp_unprotect")]
    private static partial int Unprotect(nint context, byte* packet, ref int length);

    /// <summary>srtp_crypto_policy_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CryptoPolicy
    {
        public int CipherType;
        public int CipherKeyLength;
        public int AuthenticationType;
        public int AuthenticationKeyLength;
        public int TagLength;
        public int Services;
    }

    /// <summary>srtp_policy_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Policy
    {
        public int SsrcType;
        public uint Ssrc;
        public CryptoPolicy Rtp;
        public CryptoPolicy Rtcp;
        public byte* Key;
        public nint Keys;
        public CULong KeyCount;
        public nint Deprecated;
        public CULong WindowSizeValue;
        public int AllowRepeat;
        public nint EncryptedExtensions;
        public int EncryptedExtensionCount;
        public nint Next;

        public int WindowSize
        {
            init => WindowSizeValue = new CULong((uint)value);
        }
    }
}
