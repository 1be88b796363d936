namespace Bridge.Audio.Tests;

/// <summary>Builds Opus packets out of others (RFC 6716 §3.2.5).</summary>
internal static class OpusPackets
{
    /// <summary>Joins packets of one frame each and of one configuration into a code 3 packet with variable lengths.</summary>
    internal static byte[] Join(IReadOnlyList<byte[]> packets)
    {
        List<byte> joined = [(byte)(packets[0][0] | 3), (byte)(0x80 | packets.Count)];
        Assert.All(packets, p => Assert.Equal(packets[0][0], p[0]));
        foreach (byte[] packet in packets.SkipLast(1))
        {
            int length = packet.Length - 1;
            if (length >= 252)
            {
                joined.Add((byte)(252 + (length & 3)));
                length = (length - joined[^1]) / 4;
            }

            joined.Add((byte)length);
        }

        foreach (byte[] packet in packets)
        {
            joined.AddRange(packet[1..]);
        }

        return [.. joined];
    }
}
