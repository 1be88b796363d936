using System.Text;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

public sealed class Crc32cTests
{
    [Fact]
    public void The_published_vectors_hold()
    {
        // RFC 3720 Appendix B.4, and the check value of the CRC catalogue.
        Assert.Equal(0xE3069283u, Crc32c.Compute(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0x8A9136AAu, Crc32c.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32c.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32c.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
        Assert.Equal(0x113FDB5Cu, Crc32c.Compute(Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray()));
    }

    [Fact]
    public void The_fast_form_and_its_scalar_twin_agree_at_every_length()
    {
        byte[] bytes = new byte[256];
        new Random(5).NextBytes(bytes);
        for (int offset = 0; offset < 8; offset++)
        {
            for (int length = 0; length <= 65; length++)
            {
                ReadOnlySpan<byte> part = bytes.AsSpan(offset, length);
                Assert.Equal(Crc32c.ComputeScalar(part), Crc32c.Compute(part));
            }
        }
    }

    [Fact]
    public void A_packet_is_summed_as_if_its_checksum_were_zero()
    {
        byte[] packet = new byte[100];
        new Random(6).NextBytes(packet);
        byte[] blank = [.. packet];
        blank.AsSpan(8, 4).Clear();
        Assert.Equal(Crc32c.ComputeScalar(blank), Crc32c.ComputePacket(packet));
    }
}
