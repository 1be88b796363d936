using System.Collections.Concurrent;
using Bridge.Rtc;
using Bridge.Trail;
using Bridge.Transport;

namespace Bridge.Browser.Tests;

/// <summary>The audio level that a browser writes beside each packet (RFC 6464) reaches a call, whatever engine carries it.</summary>
public sealed class LevelTests(ITestOutputHelper output)
{
    private const string Offer =
        """
        async () => {
          const sound = await navigator.mediaDevices.getUserMedia({
            audio: { autoGainControl: false, echoCancellation: false, noiseSuppression: false },
          });
          window.pc = new RTCPeerConnection();
          pc.addTrack(sound.getTracks()[0]);
          await pc.setLocalDescription();
          return pc.localDescription.sdp;
        }
        """;

    [Fact]
    public async Task The_level_of_each_packet_is_read_and_follows_the_voice()
    {
        using var speech = new SpeechFile();
        speech.Silence(5);
        await speech.SayAsync("I would like to cook some pancakes today.", TestContext.Current.CancellationToken);
        speech.Silence(20).Save();
        await using var host = await BrowserHost.StartAsync();
        await using var browser = await Chromium.OpenAsync(host.Address, speech.Path);
        await browser.BlankAsync();
        var offer = await browser.Page.EvaluateAsync<string>(Offer);
        var levels = new Levels();
        using var peer = host.Get<MediaPeerFactory>()(levels, host.Get<TrailLoggers>().Of("levels"));
        Assert.True(peer.TryAnswer(offer, out var answer, out var refusal), refusal);
        await browser.Page.EvaluateAsync("sdp => pc.setRemoteDescription({ type: 'answer', sdp })", answer);
        await Calling.UntilAsync(() => levels.Heard.Any(level => level < 40));
        byte?[] heard = [.. levels.Heard];
        output.WriteLine(string.Join(' ', heard));
        Assert.DoesNotContain(null, heard);
        Assert.Equal((byte?)127, heard[0]);
    }

    /// <summary>Keeps the level of each packet.</summary>
    private sealed class Levels : IMediaPeerObserver
    {
        public ConcurrentQueue<byte?> Heard { get; } = new();

        public void AudioReceived(IMediaPeer peer, uint source, ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, byte? level) =>
            Heard.Enqueue(level);

        public void PeerStateChanged(IMediaPeer peer, RtcPeerState state)
        {
        }

        public void AudioNegotiated(IMediaPeer peer, string codec, TimeSpan maxPacketTime)
        {
        }

        public void DtmfReceived(IMediaPeer peer, char digit)
        {
        }

        public void PortOpened(IMediaPeer peer)
        {
        }

        public void PortClosed(IMediaPeer peer)
        {
        }

        public void MessageReceived(IMediaPeer peer, ReadOnlySpan<byte> message, bool binary)
        {
        }

        public void PortWritable(IMediaPeer peer)
        {
        }
    }
}
