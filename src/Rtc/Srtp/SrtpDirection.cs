using System.Buffers.Binary;
using System.Security.Cryptography;
using Bridge.Native.OpenSsl;

namespace Bridge.Rtc.Srtp;

/// <summary>
/// The session keys of one direction and the transforms with them; knows no roll-over and no replay. RFC 3711 §4, RFC 7714 §8 and §9.
/// </summary>
internal sealed class SrtpDirection : IDisposable
{
    /// <summary>The most bytes that SRTP adds to an RTP packet.</summary>
    public const int MaxRtpOverhead = Aes128Gcm.TagSize;

    /// <summary>The most bytes that SRTCP adds: the tag and the index word.</summary>
    public const int MaxRtcpOverhead = Aes128Gcm.TagSize + 4;

    private const int ShortTag = 10;
    private const int RtcpHeader = 8;
    private const uint Encrypted = 0x8000_0000;

    private readonly bool _gcm;
    private readonly Aes128Counter? _rtpCipher;
    private readonly Aes128Counter? _rtcpCipher;
    private readonly HmacSha1? _rtpCode;
    private readonly HmacSha1? _rtcpCode;
    private readonly Aes128Gcm? _rtpGcm;
    private readonly Aes128Gcm? _rtcpGcm;
    private readonly byte[] _rtpSalt = new byte[16];
    private readonly byte[] _rtcpSalt = new byte[16];

    /// <summary>Takes the session keys and salts of RTP and RTCP.</summary>
    public SrtpDirection(SrtpProfile profile, scoped in SrtpSessionKeys rtp, scoped in SrtpSessionKeys rtcp)
    {
        _gcm = profile == SrtpProfile.AeadAes128Gcm;
        rtp.Salt.CopyTo(_rtpSalt);
        rtcp.Salt.CopyTo(_rtcpSalt);
        if (_gcm)
        {
            _rtpGcm = new Aes128Gcm(rtp.Key);
            _rtcpGcm = new Aes128Gcm(rtcp.Key);
        }
        else
        {
            _rtpCipher = new Aes128Counter(rtp.Key);
            _rtcpCipher = new Aes128Counter(rtcp.Key);
            _rtpCode = new HmacSha1(rtp.CodeKey);
            _rtcpCode = new HmacSha1(rtcp.CodeKey);
        }
    }

    /// <summary>Derives the session keys from a master key and salt (RFC 3711 §4.3).</summary>
    public static SrtpDirection FromMaster(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        Span<byte> memory = stackalloc byte[2 * SrtpSessionKeys.Size];
        var rtp = SrtpSessionKeys.Derive(profile, masterKey, masterSalt, 0, memory[..SrtpSessionKeys.Size]);
        var rtcp = SrtpSessionKeys.Derive(profile, masterKey, masterSalt, 3, memory[SrtpSessionKeys.Size..]);
        try
        {
            return new SrtpDirection(profile, rtp, rtcp);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(memory);
        }
    }

    /// <summary>Bytes a protected RTP packet has more than its plaintext.</summary>
    public int RtpOverhead => _gcm ? Aes128Gcm.TagSize : ShortTag;

    /// <summary>Bytes a protected RTCP packet has more than its plaintext.</summary>
    public int RtcpOverhead => RtpOverhead + 4;

    /// <summary>Protects an RTP packet in place.</summary>
    /// <param name="buffer">The packet, and room for <see cref="RtpOverhead"/> behind it.</param>
    /// <param name="headerLength">Bytes that stay readable: header, CSRCs, extensions.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <param name="ssrc">The synchronization source.</param>
    /// <param name="index">Roll-over counter and sequence number, 48 bits.</param>
    /// <returns>The length of the protected packet.</returns>
    public int ProtectRtp(Span<byte> buffer, int headerLength, int length, uint ssrc, ulong index)
    {
        Span<byte> payload = buffer[headerLength..length];
        Span<byte> iv = stackalloc byte[16];
        if (_gcm)
        {
            WriteGcmNonce(iv, _rtpSalt, ssrc, index);
            _rtpGcm!.Encrypt(iv[..12], buffer[..headerLength], payload, buffer.Slice(length, Aes128Gcm.TagSize));
            return length + Aes128Gcm.TagSize;
        }

        WriteCounter(iv, _rtpSalt, ssrc, index);
        _rtpCipher!.Apply(iv, payload);
        Span<byte> code = stackalloc byte[HmacSha1.Size];
        Span<byte> rollOver = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(rollOver, (uint)(index >> 16));
        _rtpCode!.Compute(buffer[..length], rollOver, code);
        code[..ShortTag].CopyTo(buffer[length..]);
        return length + ShortTag;
    }

    /// <summary>Checks and decrypts an RTP packet in place; false leaves no trust in its content.</summary>
    public bool TryUnprotectRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index, out int length)
    {
        length = packet.Length - RtpOverhead;
        if (length < headerLength)
        {
            return false;
        }

        Span<byte> payload = packet[headerLength..length];
        Span<byte> iv = stackalloc byte[16];
        if (_gcm)
        {
            WriteGcmNonce(iv, _rtpSalt, ssrc, index);
            return _rtpGcm!.TryDecrypt(iv[..12], packet[..headerLength], payload, packet.Slice(length, Aes128Gcm.TagSize));
        }

        Span<byte> code = stackalloc byte[HmacSha1.Size];
        Span<byte> rollOver = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(rollOver, (uint)(index >> 16));
        _rtpCode!.Compute(packet[..length], rollOver, code);
        if (!CryptographicOperations.FixedTimeEquals(code[..ShortTag], packet[length..]))
        {
            return false;
        }

        WriteCounter(iv, _rtpSalt, ssrc, index);
        _rtpCipher!.Apply(iv, payload);
        return true;
    }

    /// <summary>Protects a compound RTCP packet in place; RFC 3711 §3.4, RFC 7714 §9.</summary>
    /// <param name="buffer">The packet, and room for <see cref="RtcpOverhead"/> behind it.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <param name="index">The SRTCP index, 31 bits.</param>
    /// <returns>The length of the protected packet.</returns>
    public int ProtectRtcp(Span<byte> buffer, int length, uint index)
    {
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        Span<byte> payload = buffer[RtcpHeader..length];
        Span<byte> iv = stackalloc byte[16];
        if (_gcm)
        {
            // | header 8 | encrypted | tag 16 | E + index 4 |
            Span<byte> associated = stackalloc byte[12];
            buffer[..RtcpHeader].CopyTo(associated);
            BinaryPrimitives.WriteUInt32BigEndian(associated[8..], Encrypted | index);
            WriteGcmNonce(iv, _rtcpSalt, ssrc, index);
            _rtcpGcm!.Encrypt(iv[..12], associated, payload, buffer.Slice(length, Aes128Gcm.TagSize));
            associated[8..].CopyTo(buffer[(length + Aes128Gcm.TagSize)..]);
            return length + Aes128Gcm.TagSize + 4;
        }

        // | header 8 | encrypted | E + index 4 | tag 10 |
        WriteCounter(iv, _rtcpSalt, ssrc, index);
        _rtcpCipher!.Apply(iv, payload);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[length..], Encrypted | index);
        Span<byte> code = stackalloc byte[HmacSha1.Size];
        _rtcpCode!.Compute(buffer[..(length + 4)], default, code);
        code[..ShortTag].CopyTo(buffer[(length + 4)..]);
        return length + 4 + ShortTag;
    }

    /// <summary>
    /// Reads the index of a protected RTCP packet without trusting it; false when the packet is too short or not encrypted.
    /// </summary>
    public bool TryReadRtcpIndex(ReadOnlySpan<byte> packet, out uint index)
    {
        index = 0;
        if (packet.Length < RtcpHeader + RtcpOverhead)
        {
            return false;
        }

        uint word = BinaryPrimitives.ReadUInt32BigEndian(_gcm ? packet[^4..] : packet[^(4 + ShortTag)..]);
        index = word & ~Encrypted;

        // Both profiles encrypt RTCP; a clear one is a downgrade nobody negotiated.
        return (word & Encrypted) != 0;
    }

    /// <summary>Checks and decrypts an RTCP packet in place.</summary>
    public bool TryUnprotectRtcp(Span<byte> packet, uint index, out int length)
    {
        length = packet.Length - RtcpOverhead;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        Span<byte> payload = packet[RtcpHeader..length];
        Span<byte> iv = stackalloc byte[16];
        if (_gcm)
        {
            Span<byte> associated = stackalloc byte[12];
            packet[..RtcpHeader].CopyTo(associated);
            packet[^4..].CopyTo(associated[8..]);
            WriteGcmNonce(iv, _rtcpSalt, ssrc, index);
            return _rtcpGcm!.TryDecrypt(iv[..12], associated, payload, packet.Slice(length, Aes128Gcm.TagSize));
        }

        Span<byte> code = stackalloc byte[HmacSha1.Size];
        _rtcpCode!.Compute(packet[..(length + 4)], default, code);
        if (!CryptographicOperations.FixedTimeEquals(code[..ShortTag], packet[(length + 4)..]))
        {
            return false;
        }

        WriteCounter(iv, _rtcpSalt, ssrc, index);
        _rtcpCipher!.Apply(iv, payload);
        return true;
    }

    public void Dispose()
    {
        _rtpCipher?.Dispose();
        _rtcpCipher?.Dispose();
        _rtpCode?.Dispose();
        _rtcpCode?.Dispose();
        _rtpGcm?.Dispose();
        _rtcpGcm?.Dispose();
    }

    // IV = (salt * 2^16) ^ (SSRC * 2^64) ^ (index * 2^16); RFC 3711 §4.1.1.
    private static void WriteCounter(Span<byte> counter, ReadOnlySpan<byte> salt, uint ssrc, ulong index)
    {
        salt[..14].CopyTo(counter);
        counter[14..].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(counter[4..], BinaryPrimitives.ReadUInt32BigEndian(counter[4..]) ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], BinaryPrimitives.ReadUInt64BigEndian(counter[8..]) ^ (index << 16));
    }

    // 00 00 | SSRC | index as 48 bits, ^ salt; for SRTCP the index's upper 16 bits are zero. RFC 7714 §8.1, §9.1.
    private static void WriteGcmNonce(Span<byte> nonce, ReadOnlySpan<byte> salt, uint ssrc, ulong index)
    {
        salt[..12].CopyTo(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], BinaryPrimitives.ReadUInt32BigEndian(nonce[2..]) ^ ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(
            nonce[6..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(nonce[6..]) ^ (ushort)(index >> 32)));
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], BinaryPrimitives.ReadUInt32BigEndian(nonce[8..]) ^ (uint)index);
    }
}
