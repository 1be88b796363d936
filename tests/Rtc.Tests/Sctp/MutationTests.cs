using Bridge.Rtc;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>Every truncation and every single-byte mutation of packets that a lively association sent.</summary>
public sealed class MutationTests
{
    /// <summary>One packet of each make-up, with the association's state in which it was about to arrive.</summary>
    public static TheoryData<string> Kinds => ["handshake", "data", "partial", "reset", "shutdown"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void None_throws_and_a_wrong_checksum_changes_nothing(string kind)
    {
        List<(byte[] Packet, bool ToServer)> recorded = Record(kind);
        HashSet<string> seen = [];
        Random random = new(kind.Length);
        int fed = 0;
        foreach ((byte[] packet, bool toServer) in recorded)
        {
            if (packet.Length > 200 || !seen.Add($"{toServer} {packet.Length} {packet[12]}"))
            {
                continue;
            }

            // The scenario is deterministic, so its end stands for the state; what a chunk can't do there it couldn't before.
            SctpPair pair = Scenario(kind, null);
            SctpEnd victim = toServer ? pair.Server : pair.Client;
            for (int length = 0; length <= packet.Length; length++)
            {
                byte[] truncated = packet[..length];
                victim.Association.Receive(pair.Now, truncated);
                if (length >= 12)
                {
                    RawPeer.Seal(truncated);
                    victim.Association.Receive(pair.Now, truncated);
                }

                victim.Advance(pair.Now);
                fed += 2;
            }

            pair = Scenario(kind, null);
            victim = toServer ? pair.Server : pair.Client;
            for (int at = 0; at < packet.Length; at++)
            {
                foreach (byte value in (ReadOnlySpan<byte>)[0, 1, 0x7F, 0x80, 0xFF, (byte)(packet[at] + 1), (byte)(packet[at] - 1),
                    (byte)random.Next(256)])
                {
                    byte[] mutated = [.. packet];
                    mutated[at] = value;
                    RawPeer.Seal(mutated);
                    victim.Association.Receive(pair.Now, mutated);
                    victim.Advance(pair.Now);
                    fed++;
                    if (victim.Association.State == SctpState.Closed)
                    {
                        pair = Scenario(kind, null);
                        victim = toServer ? pair.Server : pair.Client;
                    }
                }
            }
        }

        Assert.True(fed > 500, $"{fed} packets were fed");
    }

    [Fact]
    public void A_live_association_outlives_mutations_that_break_the_checksum()
    {
        SctpOptions strict = new() { IsDtlsClient = true, ZeroChecksum = false };
        SctpPair pair = SctpPair.Connected(70, out ushort stream, client: strict, server: new SctpOptions { ZeroChecksum = false });
        List<byte[]> packets = [];
        pair.ToServer.Drop = p => { packets.Add(p); return false; };
        pair.Send(pair.Client, stream, "hello");
        Assert.True(pair.RunUntil(() => pair.Server.Messages.Count == 1));
        pair.Client.Association.CloseChannel(pair.Now, stream);
        Assert.True(pair.RunUntil(() => pair.Server.ClosedChannels.Count == 1));
        Assert.True(packets.Count > 2);
        foreach (byte[] packet in packets)
        {
            for (int bit = 0; bit < packet.Length * 8; bit++)
            {
                byte[] mutated = [.. packet];
                mutated[bit / 8] ^= (byte)(1 << (bit % 8));
                pair.Server.Association.Receive(pair.Now, mutated);
            }
        }

        Assert.Equal(packets.Sum(p => p.Length * 8), pair.Server.Association.Stats.DroppedChecksum);
        pair.Client.Association.TryOpenChannel(pair.Now, new DataChannelOptions { Label = "still here" }, out ushort next);
        pair.Send(pair.Client, next, "yes");
        Assert.True(pair.RunUntil(() => pair.Server.Texts.LastOrDefault() == "yes"));
    }

    private static List<(byte[] Packet, bool ToServer)> Record(string kind)
    {
        List<(byte[], bool)> packets = [];
        Scenario(kind, (packet, toServer) => packets.Add((packet, toServer)));
        return packets;
    }

    private static SctpPair Scenario(string kind, Action<byte[], bool>? tap)
    {
        SctpPair pair = new(71);
        pair.ToServer.Drop = p => { tap?.Invoke(p, true); return false; };
        pair.ToClient.Drop = p => { tap?.Invoke(p, false); return false; };
        pair.Client.Association.Connect(pair.Now);
        pair.Client.Association.TryOpenChannel(
            pair.Now, new DataChannelOptions { Label = "x", MaxRetransmits = kind == "partial" ? (ushort)0 : null }, out ushort stream);
        if (kind == "handshake")
        {
            pair.RunUntil(() => pair.Server.EstablishedCount == 1);
            return pair;
        }

        pair.RunUntil(() => pair.Server.Opened.Count == 1);
        int seen = 0;
        if (kind == "partial")
        {
            pair.ToServer.Drop = p => { tap?.Invoke(p, true); return p[12] == (byte)ChunkType.Data && seen++ == 0; };
        }

        pair.Send(pair.Client, stream, "one");
        pair.RunFor(TimeSpan.FromMilliseconds(3));
        pair.Send(pair.Client, stream, "two");
        pair.Send(pair.Server, stream, "three");
        pair.RunFor(TimeSpan.FromSeconds(1));
        if (kind == "reset")
        {
            pair.Client.Association.CloseChannel(pair.Now, stream);
            pair.RunFor(TimeSpan.FromMilliseconds(25));
        }
        else if (kind == "shutdown")
        {
            pair.Client.Association.Shutdown(pair.Now);
            pair.RunFor(TimeSpan.FromMilliseconds(25));
            if (tap is not null)
            {
                pair.RunFor(TimeSpan.FromSeconds(1));
            }
        }

        return pair;
    }
}
