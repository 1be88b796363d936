using System.Buffers.Binary;

namespace Bridge.Rtc.Dtls;

/// <summary>The outer form of DTLS 1.2 records, checked before OpenSSL sees them; RFC 6347 §4.1.</summary>
/// <remarks>
/// <code>
/// type(8) | version(16) | epoch(16) | sequence number(48) | length(16) | fragment
/// </code>
/// </remarks>
internal static class DtlsRecord
{
    private const int HeaderSize = 13;
    private const int MaxFragment = 16_384 + 2_048;

    // All our suites are AES-GCM: 8 bytes of explicit nonce and a tag of 16 (RFC 5288 §3).
    private const int SmallestCiphertext = 24;

    /// <summary>True when a datagram consists of whole records of known types, and what is encrypted is long enough to be so.</summary>
    public static bool IsPlausible(ReadOnlySpan<byte> datagram)
    {
        while (!datagram.IsEmpty)
        {
            // 20 change cipher spec, 21 alert, 22 handshake, 23 application data; versions 1.0 and 1.2.
            if (datagram.Length < HeaderSize || datagram[0] is < 20 or > 23 || datagram[1] != 0xFE || datagram[2] is not (0xFF or 0xFD))
            {
                return false;
            }

            int epoch = BinaryPrimitives.ReadUInt16BigEndian(datagram[3..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[11..]);
            if (epoch > 1 || length is 0 or > MaxFragment || length > datagram.Length - HeaderSize
                || (epoch == 1 && length < SmallestCiphertext))
            {
                return false;
            }

            datagram = datagram[(HeaderSize + length)..];
        }

        return true;
    }
}
