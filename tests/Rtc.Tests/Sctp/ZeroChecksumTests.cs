using Bridge.Rtc.Sctp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Sctp;

/// <summary>A stack that refuses what it does not know (pion's sctp 1.8) must never meet parameter 0x8001 (RFC 9653).</summary>
public sealed class ZeroChecksumTests
{
    private static readonly byte[] ZeroChecksumAcceptable = [0x80, 0x01, 0, 8, 0, 0, 0, 1];

    [Fact]
    public void A_peer_that_announced_no_zero_checksum_is_told_of_none()
    {
        RawPeer peer = new(connect: false);
        peer.Deliver(0, RawPeer.Chunk(ChunkType.Init, 0, RawPeer.Init()));
        Assert.DoesNotContain(ParameterType.ZeroChecksumAcceptable, Parameters(Single(peer.Drain(), ChunkType.InitAck)));
    }

    [Fact]
    public void A_peer_that_announced_zero_checksum_is_told_that_we_take_it_too()
    {
        RawPeer peer = new(connect: false);
        peer.Deliver(0, RawPeer.Chunk(ChunkType.Init, 0, RawPeer.Init(parameters: ZeroChecksumAcceptable)));
        Assert.Contains(ParameterType.ZeroChecksumAcceptable, Parameters(Single(peer.Drain(), ChunkType.InitAck)));
    }

    [Fact]
    public void A_peer_that_announced_another_method_is_told_of_none()
    {
        RawPeer peer = new(connect: false);
        peer.Deliver(0, RawPeer.Chunk(ChunkType.Init, 0, RawPeer.Init(parameters: [0x80, 0x01, 0, 8, 0, 0, 0, 2])));
        Assert.DoesNotContain(ParameterType.ZeroChecksumAcceptable, Parameters(Single(peer.Drain(), ChunkType.InitAck)));
    }

    [Fact]
    public void Our_own_init_goes_without_it_when_two_were_not_answered()
    {
        RawPeer peer = new(connect: false);
        peer.Association.Connect(peer.Now);
        byte[][] inits = [.. RawPeer.Chunks(peer.RunFor(TimeSpan.FromSeconds(10)), ChunkType.Init)];
        Assert.InRange(inits.Length, 4, 10);
        Assert.All(inits[..2], init => Assert.Contains(ParameterType.ZeroChecksumAcceptable, Parameters(init)));
        Assert.All(inits[2..], init => Assert.DoesNotContain(ParameterType.ZeroChecksumAcceptable, Parameters(init)));
    }

    private static byte[] Single(IEnumerable<byte[]> packets, ChunkType type) => RawPeer.Chunks(packets, type).Single();

    private static List<ParameterType> Parameters(byte[] init)
    {
        List<ParameterType> found = [];
        ParameterReader parameters = new(init.AsSpan(16));
        while (parameters.TryRead(out ParameterType type, out _))
        {
            found.Add(type);
        }

        return found;
    }
}
