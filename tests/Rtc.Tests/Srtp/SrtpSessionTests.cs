using System.Buffers.Binary;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc.Tests.Srtp;

public sealed class SrtpSessionTests
{
    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1Tag80];

    [Theory, MemberData(nameof(Profiles))]
    public void Packets_survive_two_roll_overs_of_the_sequence_number_with_gaps_and_reordering(SrtpProfile profile)
    {
        (SrtpSession sender, SrtpSession receiver) = Pair(profile);
        var held = new Queue<byte[]>();
        var random = new Random(11);
        ushort sequence = 65_000;
        for (int i = 0; i < 5_000; i++)
        {
            sequence += (ushort)random.Next(1, 30);
            byte[] packet = Protect(sender, sequence, ssrc: 7);
            held.Enqueue(packet);
            if (held.Count > 3)
            {
                byte[] next = i % 7 == 0 ? packet : held.Dequeue();
                if (i % 7 == 0)
                {
                    byte[][] rest = [.. held.Take(held.Count - 1)];
                    held.Clear();
                    foreach (byte[] one in rest)
                    {
                        held.Enqueue(one);
                    }
                }

                Assert.Equal(SrtpResult.Ok, Unprotect(receiver, next, out _));
            }
        }
    }

    [Theory, MemberData(nameof(Profiles))]
    public void A_packet_passes_once_and_an_old_one_never(SrtpProfile profile)
    {
        (SrtpSession sender, SrtpSession receiver) = Pair(profile);
        byte[][] packets = [.. Enumerable.Range(0, 200).Select(i => Protect(sender, (ushort)(100 + i), 7))];
        Assert.Equal(SrtpResult.Ok, Unprotect(receiver, [.. packets[0]], out _));
        Assert.Equal(SrtpResult.Replayed, Unprotect(receiver, [.. packets[0]], out _));
        Assert.Equal(SrtpResult.Ok, Unprotect(receiver, [.. packets[199]], out _));
        Assert.Equal(SrtpResult.Ok, Unprotect(receiver, [.. packets[72]], out _));
        Assert.Equal(SrtpResult.Replayed, Unprotect(receiver, [.. packets[72]], out _));
        Assert.Equal(SrtpResult.Replayed, Unprotect(receiver, [.. packets[71]], out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Every_flipped_bit_is_noticed_and_leaves_no_trace(SrtpProfile profile)
    {
        (SrtpSession sender, SrtpSession receiver) = Pair(profile);
        Assert.Equal(SrtpResult.Ok, Unprotect(receiver, Protect(sender, 1, 7), out _));
        byte[] packet = Protect(sender, 2, 7);
        for (int bit = 0; bit < packet.Length * 8; bit++)
        {
            byte[] forged = [.. packet];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpResult.Ok, Unprotect(receiver, forged, out _));
        }

        Assert.Equal(SrtpResult.Ok, Unprotect(receiver, packet, out byte[] plain));
        Assert.Equal(Plain(2, 7), plain);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Every_truncation_is_refused(SrtpProfile profile)
    {
        (SrtpSession sender, SrtpSession receiver) = Pair(profile);
        byte[] packet = Protect(sender, 2, 7);
        byte[] report = ProtectReport(sender);
        for (int length = 0; length < packet.Length; length++)
        {
            Assert.NotEqual(SrtpResult.Ok, Unprotect(receiver, packet[..length], out _));
        }

        for (int length = 0; length < report.Length; length++)
        {
            Assert.NotEqual(SrtpResult.Ok, receiver.UnprotectRtcp(report.AsSpan(0, length), out _));
        }
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Reports_pass_once_and_unchanged(SrtpProfile profile)
    {
        (SrtpSession sender, SrtpSession receiver) = Pair(profile);
        byte[] first = ProtectReport(sender);
        byte[] second = ProtectReport(sender);
        Assert.NotEqual(first, second);
        for (int bit = 0; bit < first.Length * 8; bit++)
        {
            byte[] forged = [.. first];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpResult.Ok, receiver.UnprotectRtcp(forged, out _));
        }

        Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtcp([.. second], out int length));
        Assert.Equal(28, length);
        Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtcp([.. first], out _));
        Assert.Equal(SrtpResult.Replayed, receiver.UnprotectRtcp([.. first], out _));
    }

    [Fact]
    public void A_flood_of_sources_gets_no_state_without_authenticity_and_little_with_it()
    {
        (SrtpSession sender, SrtpSession receiver) = Pair(SrtpProfile.AeadAes128Gcm);
        var random = new Random(3);
        for (int i = 0; i < 1_000; i++)
        {
            byte[] noise = new byte[100];
            random.NextBytes(noise);
            noise[0] = 0x80;
            Assert.Equal(SrtpResult.Unauthentic, Unprotect(receiver, noise, out _));
        }

        Assert.Equal(SrtpResult.Ok, Unprotect(receiver, Protect(sender, 5, 7), out _));
        for (uint ssrc = 100; ssrc < 110 + SrtpSession.MaxSources; ssrc++)
        {
            (SrtpSession other, _) = Pair(SrtpProfile.AeadAes128Gcm);
            SrtpResult result = Unprotect(receiver, Protect(other, 5, ssrc), out _);
            Assert.Equal(ssrc < 100 + SrtpSession.MaxSources - 1 ? SrtpResult.Ok : SrtpResult.TooManySources, result);
        }
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Protecting_and_unprotecting_allocate_nothing(SrtpProfile profile)
    {
        (SrtpSession sender, SrtpSession receiver) = Pair(profile);
        byte[] buffer = new byte[200];
        byte[] plain = Plain(0, 7);
        ushort sequence = 1;
        void Once()
        {
            plain.CopyTo(buffer, 0);
            BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), sequence++);
            int length = sender.ProtectRtp(buffer, 12, plain.Length);
            if (!RtpHeader.TryParse(buffer.AsSpan(0, length), out RtpHeader header))
            {
                throw new InvalidOperationException("No packet.");
            }

            receiver.UnprotectRtp(buffer.AsSpan(0, length), header, out _);
        }

        for (int i = 0; i < 100; i++)
        {
            Once();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            Once();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static (SrtpSession Client, SrtpSession Server) Pair(SrtpProfile profile)
    {
        byte[] material = new byte[SrtpKeys.ExportSize(profile)];
        new Random(1).NextBytes(material);
        return (SrtpSession.FromExport(profile, material, true), SrtpSession.FromExport(profile, material, false));
    }

    private static byte[] Plain(ushort sequence, uint ssrc)
    {
        byte[] packet = new byte[112];
        for (int i = 12; i < packet.Length; i++)
        {
            packet[i] = (byte)i;
        }

        packet[0] = 0x80;
        packet[1] = 111;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        return packet;
    }

    private static byte[] Protect(SrtpSession session, ushort sequence, uint ssrc)
    {
        byte[] buffer = [.. Plain(sequence, ssrc), .. new byte[16]];
        int length = session.ProtectRtp(buffer, 12, 112);
        return buffer[..length];
    }

    private static byte[] ProtectReport(SrtpSession session)
    {
        byte[] buffer = new byte[28 + 20];
        buffer[0] = 0x80;
        buffer[1] = 200;
        buffer[3] = 6;
        buffer[7] = 9;
        return buffer[..session.ProtectRtcp(buffer, 28)];
    }

    private static SrtpResult Unprotect(SrtpSession session, byte[] packet, out byte[] plain)
    {
        plain = [];
        if (!RtpHeader.TryParse(packet, out RtpHeader header))
        {
            return SrtpResult.Malformed;
        }

        SrtpResult result = session.UnprotectRtp(packet, header, out int length);
        plain = packet[..length];
        return result;
    }
}
