using System.Diagnostics.CodeAnalysis;
using Bridge.Transport;

namespace Bridge.Tests.Calls;

/// <summary>A page without a network: a peer that is connected as soon as it has answered, and swallows what it is sent.</summary>
internal sealed class ScriptedPage(IMediaPeerObserver call) : IMediaPeer
{
    public long BufferedAmount => 0;

    public int MaxMessageSize => 256 * 1024;

    public MediaPeerStats Stats => default;

    public bool TryAnswer(string offer, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal)
    {
        (answer, refusal) = ("v=0", null);
        return true;
    }

    public bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal)
    {
        refusal = null;
        return true;
    }

    public bool TrySendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker) => true;

    public bool TrySend(ReadOnlySpan<byte> utf8) => true;

    /// <summary>The connection stands, and the page says hello.</summary>
    public void Enter()
    {
        call.PeerStateChanged(this, MediaPeerState.Connected);
        call.AudioNegotiated(this, "opus");
        call.PortOpened(this);
        call.MessageReceived(this, """{"jsonrpc":"2.0","id":1,"method":"page/hello","params":{"tools":[]}}"""u8, binary: false);
    }

    /// <summary>One packet of the microphone: 20 ms of silence, in Opus.</summary>
    public void Speak(int number) => call.AudioReceived(this, 7, (ushort)number, (uint)number * 960, [0xF8], level: null);

    /// <summary>A re-offer is answered with another codec.</summary>
    public void ChangeTo(string codec) => call.AudioNegotiated(this, codec);

    public void Close()
    {
    }

    public void Dispose()
    {
    }
}
