using System.Diagnostics.CodeAnalysis;
using Bridge.Rtc.Sctp;

namespace Bridge.Rtc;

/// <summary>One WebRTC connection without a socket, a clock or a thread: audio both ways and data channels. One owner at a time calls it.</summary>
public sealed class RtcPeer : IDisposable
{
    /// <summary>Makes a peer that has seen nothing yet.</summary>
    public RtcPeer(Instant start, IEntropy entropy, RtcPeerOptions options) => throw new NotImplementedException();

    /// <summary>The ICE username fragment the remote side addresses this peer by. An ICE restart changes it: read it again after <see cref="TryAnswer"/> and let the shared port know both.</summary>
    public string LocalUfrag => throw new NotImplementedException();

    /// <summary>The state last entered.</summary>
    public RtcPeerState State => throw new NotImplementedException();

    /// <summary>Counters.</summary>
    public RtcStats Stats => throw new NotImplementedException();

    /// <summary>Where datagrams go now; null before the first authentic check.</summary>
    public Route? SelectedRoute => throw new NotImplementedException();

    /// <summary>The longest data-channel message the remote side takes, in bytes.</summary>
    public int MaxMessageSize => throw new NotImplementedException();

    /// <summary>Answers an offer: the first one, a re-offer, or an ICE restart. A refused offer changes nothing.</summary>
    /// <param name="now">The time.</param>
    /// <param name="offerSdp">Hostile until parsed.</param>
    /// <param name="answerSdp">The answer, with every local candidate.</param>
    /// <param name="refusal">One sentence for the person who wrote the offer.</param>
    public bool TryAnswer(Instant now, string offerSdp, [NotNullWhen(true)] out string? answerSdp, [NotNullWhen(false)] out string? refusal) => throw new NotImplementedException();

    /// <summary>Takes a trickled candidate (the value of a=candidate). A server validates and ignores it: the remote side's checks show its address.</summary>
    public bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal) => throw new NotImplementedException();

    /// <summary>Client role: writes an offer. A second call on a live peer restarts ICE.</summary>
    public string CreateOffer(Instant now) => throw new NotImplementedException();

    /// <summary>Client role: takes the answer to the latest offer.</summary>
    public bool TryAcceptAnswer(Instant now, string answerSdp, [NotNullWhen(false)] out string? refusal) => throw new NotImplementedException();

    /// <summary>Takes one datagram; never throws on wire bytes. Results come out of <see cref="Advance"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="datagram">Decrypted in place; the peer keeps no reference.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>True when the datagram proved to come from the remote side: a shared port may route this address here from now on.</returns>
    public bool Receive(Instant now, Span<byte> datagram, Route from) => throw new NotImplementedException();

    /// <summary>Runs what is due and gives out everything that waits.</summary>
    /// <returns>When to call again, unless something is received or sent before.</returns>
    public Deadline Advance(Instant now, IRtcSink sink) => throw new NotImplementedException();

    /// <summary>Protects one audio packet and queues it for <see cref="Advance"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="payload">One codec packet.</param>
    /// <param name="rtpTimestamp">Clock of the negotiated format.</param>
    /// <param name="marker">First packet after silence.</param>
    /// <param name="level">Audio level in -dBov, 0..127, sent when negotiated (RFC 6464); null leaves it out.</param>
    /// <returns>False when the peer is not connected, audio was not agreed on, or the payload is too long.</returns>
    public bool TrySendAudio(Instant now, ReadOnlySpan<byte> payload, uint rtpTimestamp, bool marker, byte? level = null) => throw new NotImplementedException();

    /// <summary>Opens a data channel; <see cref="IRtcSink.ChannelOpened"/> tells when it is usable.</summary>
    /// <returns>Its stream, or null when the association is not up.</returns>
    public ushort? OpenDataChannel(Instant now, DataChannelOptions options) => throw new NotImplementedException();

    /// <summary>Queues a message on a data channel.</summary>
    public DataSendResult Send(Instant now, ushort stream, ReadOnlySpan<byte> message, bool binary) => throw new NotImplementedException();

    /// <summary>Closes a data channel in both directions (RFC 8831 §6.7).</summary>
    public void CloseDataChannel(Instant now, ushort stream) => throw new NotImplementedException();

    /// <summary>Bytes of a channel that are queued and not yet acknowledged.</summary>
    public long BufferedAmount(ushort stream) => throw new NotImplementedException();

    /// <summary>Says goodbye (RTCP BYE, SCTP abort, DTLS close_notify); call <see cref="Advance"/> once more to send it.</summary>
    public void Close(Instant now) => throw new NotImplementedException();

    /// <summary>Releases native memory and buffers; sends nothing.</summary>
    public void Dispose() => throw new NotImplementedException();
}
