using Bridge.Rtc.Dtls;
using Bridge.Rtc.Srtp;
using Bridge.Testing;

namespace Bridge.Rtc.Tests.Peers;

public sealed class ConnectionTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void A_call_connects_and_carries_audio_and_messages_both_ways(int seed)
    {
        using PeerPair pair = new PeerPair(seed).Connect();
        ushort stream = pair.Client.Peer.OpenDataChannel(pair.Now, new() { Label = "bridge" })!.Value;
        pair.RunUntil(
            () => pair.Server.Sink.Opened.Count == 1 && pair.Client.Sink.Opened.Count == 1, TimeSpan.FromSeconds(1), "the channel opens");
        Assert.Equal((stream, "bridge"), pair.Server.Sink.Opened[0]);

        pair.Every(TimeSpan.FromMilliseconds(20), 50, i =>
        {
            Assert.True(pair.Client.SendAudio(i));
            Assert.True(pair.Server.SendAudio(i));
        });
        pair.Client.Send(stream, "up"u8.ToArray(), binary: false);
        pair.Server.Send(stream, [1, 2, 3]);
        pair.RunFor(TimeSpan.FromSeconds(2));

        Assert.Equal(Enumerable.Range(0, 50), pair.Server.Sink.AudioPackets.Select(p => BitConverter.ToInt32(p.Payload)));
        Assert.Equal(Enumerable.Range(0, 50), pair.Client.Sink.AudioPackets.Select(p => BitConverter.ToInt32(p.Payload)));
        Assert.Equal("up"u8.ToArray(), pair.Server.Sink.Messages.Single().Data);
        Assert.False(pair.Server.Sink.Messages[0].Binary);
        Assert.Equal([1, 2, 3], pair.Client.Sink.Messages.Single().Data);
        Assert.True(pair.Client.Sink.Messages[0].Binary);
        Assert.Equal([RtcPeerState.Connecting, RtcPeerState.Connected], pair.Server.Sink.States);
        Assert.Equal("opus", pair.Server.Sink.Formats.Single().Name);
    }

    [Theory]
    [InlineData(0.0), InlineData(0.1), InlineData(0.2), InlineData(0.3)]
    public void A_call_connects_through_loss(double loss)
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            using var pair = new PeerPair(seed);
            pair.Network.Conditions.Loss = loss;
            pair.Connect();
            Assert.Empty(pair.Client.Peer.Failure ?? "");
        }
    }

    [Theory]
    [InlineData(null), InlineData(SrtpProfile.AeadAes128Gcm), InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    public void A_call_connects_with_OpenSSL_in_both_profiles(SrtpProfile? profile)
    {
        using PeerPair pair = new PeerPair(5, identities: _ => OpenSslIdentity.Create(profile)).Connect();
        pair.Every(TimeSpan.FromMilliseconds(20), 10, i => Assert.True(pair.Client.SendAudio(i)));
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(10, pair.Server.Sink.AudioPackets.Count);
    }
}
