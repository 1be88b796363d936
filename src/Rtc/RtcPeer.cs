using System.Diagnostics.CodeAnalysis;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Ice;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Sdp;

namespace Bridge.Rtc;

/// <summary>
/// One WebRTC connection without a socket, a clock or a thread: audio both ways and data channels. One owner at a time calls it.
/// </summary>
public sealed class RtcPeer : IDisposable
{
    private readonly RtcPeerOptions _options;
    private readonly PeerCore _core;

    /// <summary>Makes a peer that has seen nothing yet.</summary>
    /// <param name="start">The present; every later call passes a time not before it.</param>
    /// <param name="entropy">For keys, passwords and numbers.</param>
    /// <param name="options">May be shared by peers.</param>
    public RtcPeer(Instant start, IEntropy entropy, RtcPeerOptions options)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _core = new PeerCore(start, entropy, options);
        LocalCandidates = options.LocalCandidates;
    }

    /// <summary>
    /// The ICE username fragment the remote side addresses this peer by. An ICE restart changes it: read it again after <see
    /// cref="TryAnswer"/>, and let the shared port know the latest two.
    /// </summary>
    public string LocalUfrag => _core.Ice.LocalUfrag;

    /// <summary>
    /// The addresses that descriptions give from now on; those of the options at first. A host whose network changed sets it before it
    /// answers.
    /// </summary>
    public IReadOnlyList<LocalCandidate> LocalCandidates { get; set; }

    /// <summary>The state last entered.</summary>
    public RtcPeerState State => _core.State;

    /// <summary>Counters.</summary>
    public RtcStats Stats => _core.Stats;

    /// <summary>Where datagrams go now; null before the first authentic check and after consent is lost.</summary>
    public Route? SelectedRoute => _core.Ice.Selected;

    /// <summary>The longest data-channel message the remote side takes, in bytes; 0 before data channels are negotiated.</summary>
    public int MaxMessageSize => _core.Negotiation.Remote?.Data?.MaxMessageSize ?? 0;

    /// <summary>Why the peer failed, in one sentence; null while it has not.</summary>
    public string? Failure => _core.Life.Failure;

    /// <summary>Counters of the data channels' association; null before there is one.</summary>
    public SctpStats? DataStats => _core.Data?.Association.Stats;

    /// <summary>Answers an offer: the first one, a re-offer, or an ICE restart. A refused offer changes nothing.</summary>
    /// <param name="now">The time.</param>
    /// <param name="offerSdp">Hostile until parsed.</param>
    /// <param name="answerSdp">The answer, with every local candidate.</param>
    /// <param name="refusal">One sentence for the person who wrote the offer.</param>
    public bool TryAnswer(Instant now, string offerSdp, [NotNullWhen(true)] out string? answerSdp, [NotNullWhen(false)] out string? refusal)
    {
        answerSdp = null;
        if (_options.Role != RtcRole.Server)
        {
            refusal = "A peer in the client role makes offers and answers none.";
            return false;
        }

        if (!TryReadRemote(offerSdp, isAnswer: false, out RemoteDescription? offer, out refusal))
        {
            return false;
        }

        if (_core.Negotiation.Remote is null)
        {
            // A lite agent that takes offers is passive unless the offer insists on being so itself (RFC 5763 §5).
            _core.Dtls.Role = offer.Setup == SetupRole.Passive ? DtlsRole.Client : DtlsRole.Server;
            _core.Life.NoteOffer(now);
        }
        else if (_core.Negotiation.IsRestart(offer))
        {
            _core.Restart(now);
        }

        _core.Adopt(now, offer);
        answerSdp = _core.Negotiation.WriteAnswer(offer, _core.Dtls.Role, LocalCandidates);
        return true;
    }

    /// <summary>
    /// Takes a trickled candidate (the value of a=candidate). A server validates and ignores it: the remote side's checks show its
    /// address.
    /// </summary>
    public bool TryAddRemoteCandidate(string candidate, [NotNullWhen(false)] out string? refusal)
    {
        refusal = null;
        if (string.IsNullOrEmpty(candidate) || candidate is "end-of-candidates" or "a=end-of-candidates")
        {
            // An empty candidate ends the list (RFC 8840 §8.2).
            return true;
        }

        if (!IceCandidate.TryParse(candidate, out IceCandidate parsed))
        {
            refusal = "The candidate is malformed.";
            return false;
        }

        if (_options.Role == RtcRole.Client)
        {
            _core.Ice.AddRemoteCandidate(parsed);
        }

        return true;
    }

    /// <summary>Client role: writes an offer. A second call on a live peer restarts ICE.</summary>
    /// <exception cref="InvalidOperationException">The peer is a server.</exception>
    public string CreateOffer(Instant now)
    {
        if (_options.Role != RtcRole.Client)
        {
            throw new InvalidOperationException("A peer in the server role answers offers.");
        }

        if (_core.Negotiation.Remote is not null)
        {
            _core.Restart(now);
        }
        else
        {
            _core.Life.NoteOffer(now);
        }

        return _core.Negotiation.WriteOffer(_core.Dtls.Role, LocalCandidates);
    }

    /// <summary>Client role: takes the answer to the latest offer.</summary>
    /// <param name="now">The time.</param>
    /// <param name="answerSdp">Hostile until parsed.</param>
    /// <param name="refusal">One sentence.</param>
    public bool TryAcceptAnswer(Instant now, string answerSdp, [NotNullWhen(false)] out string? refusal)
    {
        if (_options.Role != RtcRole.Client)
        {
            refusal = "A peer in the server role makes no offers.";
            return false;
        }

        if (!TryReadRemote(answerSdp, isAnswer: true, out RemoteDescription? answer, out refusal))
        {
            return false;
        }

        if (_core.Negotiation.Remote is null)
        {
            _core.Dtls.Role = answer.Setup == SetupRole.Passive ? DtlsRole.Client : DtlsRole.Server;
        }

        _core.Adopt(now, answer);
        foreach (IceCandidate candidate in answer.Candidates)
        {
            _core.Ice.AddRemoteCandidate(candidate);
        }

        return true;
    }

    /// <summary>Takes one datagram; never throws on wire bytes. Results come out of <see cref="Advance"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="datagram">Decrypted in place; the peer keeps no reference.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>True when the datagram proved to come from the remote side: a shared port may route this address here from now
    /// on.</returns>
    public bool Receive(Instant now, Span<byte> datagram, Route from) => _core.Receive(now, datagram, from);

    /// <summary>Runs what is due and gives out everything that waits.</summary>
    /// <returns>When to call again, unless something is received or sent before.</returns>
    public Deadline Advance(Instant now, IRtcSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        return _core.Advance(now, sink);
    }

    /// <summary>Protects one audio packet and queues it for <see cref="Advance"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="payload">One codec packet.</param>
    /// <param name="rtpTimestamp">Clock of the negotiated format.</param>
    /// <param name="marker">First packet after silence.</param>
    /// <param name="level">Audio level in -dBov, 0..127, sent when negotiated (RFC 6464); null leaves it out.</param>
    /// <returns>False when the peer is not connected, audio was not agreed on, or the payload is empty or too long.</returns>
    public bool TrySendAudio(Instant now, ReadOnlySpan<byte> payload, uint rtpTimestamp, bool marker, byte? level = null)
    {
        bool sent = State is RtcPeerState.Connected or RtcPeerState.Disconnected && !_core.IsClosing && _core.Ice.Selected is { } route
            && _core.Audio.TrySend(now, route, payload, new RtpTimestamp(rtpTimestamp), marker, level);
        if (sent)
        {
            _core.Path.AudioSent(now, _core.Data);
        }

        return sent;
    }

    /// <summary>Sets how much the peer may add to what it is given to send; holds until it is set again.</summary>
    public void Shape(Instant now, in OutgoingShape shape) => _core.Path.SetShape(now, shape, _core.Data);

    /// <summary>Opens a data channel; <see cref="IRtcSink.ChannelOpened"/> tells when it is usable.</summary>
    /// <returns>Its stream, or null when the association is not there (yet) or has no stream left.</returns>
    public ushort? OpenDataChannel(Instant now, DataChannelOptions options) =>
        _core.Data is { } data && !_core.IsClosing && data.Association.TryOpenChannel(now, options, out ushort stream) ? stream : null;

    /// <summary>Queues a message on a data channel.</summary>
    public DataSendResult Send(Instant now, ushort stream, ReadOnlySpan<byte> message, bool binary) =>
        _core.Data is null || _core.IsClosing || State is RtcPeerState.Closed or RtcPeerState.Failed
            ? DataSendResult.Closed
            : _core.Data.Association.Send(now, stream, message, binary);

    /// <summary>Closes a data channel in both directions (RFC 8831 §6.7).</summary>
    public void CloseDataChannel(Instant now, ushort stream) => _core.Data?.Association.CloseChannel(now, stream);

    /// <summary>Bytes of a channel that wait to be sent for the first time.</summary>
    public long BufferedAmount(ushort stream) => _core.Data?.Association.BufferedAmount(stream) ?? 0;

    /// <summary>Says goodbye (RTCP BYE, SCTP abort, DTLS close_notify); call <see cref="Advance"/> once more to send it.</summary>
    public void Close(Instant now) => _core.Life.Close();

    /// <summary>Releases native memory and buffers; sends nothing.</summary>
    public void Dispose() => _core.Dispose();

    private bool TryReadRemote(
        string sdp, bool isAnswer, [NotNullWhen(true)] out RemoteDescription? remote, [NotNullWhen(false)] out string? refusal)
    {
        remote = null;
        if (_core.IsClosing || State == RtcPeerState.Closed)
        {
            refusal = "The connection is closed.";
            return false;
        }

        if (_core.Dtls.State == DtlsTransportState.Failed)
        {
            refusal = "The connection has failed for good: " + Failure;
            return false;
        }

        return _core.Negotiation.TryReadRemote(sdp, isAnswer, _core.Dtls.Role, _core.Data is not null, out remote, out refusal);
    }
}
