using System.Buffers.Binary;
using Bridge.Rtc.Stun;

namespace Bridge.Fuzz.Targets;

/// <summary>
/// STUN messages and the demultiplexer of the shared port. The fingerprint is mended in half of the inputs, so that the search gets past
/// it.
/// </summary>
internal sealed class StunTarget : FuzzTarget
{
    private static readonly byte[] Key = "VOkJxbRl1RmTxUk/WvJxBt"u8.ToArray();

    public override string Name => "stun";

    public override IEnumerable<byte[]> Seeds()
    {
        // RFC 5769 §2.1, §2.2 and §2.3: request, IPv4 response, IPv6 response.
        yield return Convert.FromHexString("000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf");
        yield return Convert.FromHexString("0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96");
        yield return Convert.FromHexString("010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c");
        byte[] withCandidate = Convert.FromHexString(
            "0001002c2112a442000102030405060708090a0b0006000961626364653a78797a000000002500000024000400ffffff802a00080102030405060708");
        yield return withCandidate;
    }

    public override int Run(ReadOnlySpan<byte> input)
    {
        byte[] datagram = input.ToArray();
        if (datagram.Length >= 28 && (datagram[^9] & 1) == 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)(datagram.Length - 20));
            if (BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(datagram.Length - 8)) == 0x80280004)
            {
                BinaryPrimitives.WriteUInt32BigEndian(
                    datagram.AsSpan(datagram.Length - 4),
                    Crc32.Compute(datagram.AsSpan(0, datagram.Length - 8)) ^ StunMessage.FingerprintMask);
            }
        }

        bool parsed = StunMessage.TryParse(datagram, out StunMessage message);
        bool forPeer = StunDemux.TryReadUfrag(datagram, out ReadOnlySpan<byte> ufrag);
        Require(!forPeer || parsed, "A fragment was read of what is no message.");
        Require(!forPeer || ufrag.Length >= 4, "A fragment is shorter than the grammar allows.");
        if (!parsed)
        {
            return StunMessage.LooksLike(datagram) ? 1 : 0;
        }

        bool verified = message.Verify(Key);
        return HashCode.Combine(
            message.Class,
            message.UseCandidate,
            message.ControllingTieBreaker is null,
            message.ControlledTieBreaker is null,
            message.XorMappedAddress is null,
            message.ErrorCode / 100,
            message.HasIntegrity,
            HashCode.Combine(verified, forPeer, message.Unknown != 0));
    }
}
