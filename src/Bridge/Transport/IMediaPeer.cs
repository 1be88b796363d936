using System.Diagnostics.CodeAnalysis;
using Bridge.Rpc;

namespace Bridge.Transport;

/// <summary>
/// The WebRTC peer as a call needs it. Ours is <see cref="MediaPeer"/> over src/Rtc; another WebRTC library
/// can stand behind this seam. The message port is the data channel <c>bridge</c>.
/// Members may be called from any thread; the observer is called by whatever thread owns the peer at that
/// moment and must only enqueue.
/// </summary>
internal interface IMediaPeer : IMessagePort, IDisposable
{
    /// <summary>Answers the first offer, a re-offer or an ICE restart.</summary>
    /// <param name="offer">SDP from the page.</param>
    /// <param name="answer">SDP with every candidate of this server.</param>
    /// <param name="refusal">A sentence that says what is wrong with the offer.</param>
    bool TryAnswer(string offer, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out string? refusal);

    /// <summary>Checks a trickled candidate. An ICE-lite peer needs none of them.</summary>
    bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal);

    /// <summary>Sends one 20 ms packet now. False when there is no connection to send it on.</summary>
    /// <param name="packet">Encoded audio.</param>
    /// <param name="rtpTimestamp">RTP clock of the negotiated codec.</param>
    /// <param name="marker">First packet after silence (RFC 3551 §4.1).</param>
    bool TrySendAudio(ReadOnlySpan<byte> packet, uint rtpTimestamp, bool marker);

    /// <summary>Takes one message of either kind; <see cref="IMessagePort.TrySend"/> is the one for text.</summary>
    /// <param name="message">UTF-8 text, or bytes.</param>
    /// <param name="binary">True for bytes.</param>
    bool TrySendMessage(ReadOnlySpan<byte> message, bool binary);

    /// <summary>Figures of the connection at this moment.</summary>
    MediaPeerStats Stats { get; }

    /// <summary>
    /// Closes the connection (DTLS close_notify) and releases everything. The observer hears no message after it, and may itself
    /// call it.
    /// </summary>
    void Close();
}
