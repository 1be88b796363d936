using System.Buffers.Binary;
using System.Numerics;

namespace Bridge.Rtc.Sctp;

/// <summary>CRC32c (Castagnoli) as SCTP uses it (RFC 9260 §6.8 and Appendix A).</summary>
internal static class Crc32c
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of a byte string. Uses the processor's CRC instruction where there is one.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(~0u, data);

    /// <summary>The checksum of an SCTP packet: its checksum field counts as zero (§6.8).</summary>
    public static uint ComputePacket(ReadOnlySpan<byte> packet)
    {
        uint crc = Update(~0u, packet[..8]);
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Update(crc, packet[12..]);
    }

    /// <summary>The scalar counterpart of <see cref="Compute"/> without special instructions: one table, one byte at a time.</summary>
    public static uint ComputeScalar(ReadOnlySpan<byte> data)
    {
        uint crc = ~0u;
        foreach (byte value in data)
        {
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }

    private static uint[] MakeTable()
    {
        const uint ReflectedPolynomial = 0x82F63B78;
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ ReflectedPolynomial : crc >> 1;
            }

            table[i] = crc;
        }

        return table;
    }
}
