using System.Diagnostics.CodeAnalysis;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Ice;
using Bridge.Rtc.Sdp;

namespace Bridge.Rtc;

/// <summary>Offers and answers; RFC 8829.</summary>
public sealed partial class RtcPeer
{
    private readonly ulong _sessionId;
    private int _descriptionVersion;

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

        if (offer.IceLite)
        {
            refusal = "The offer comes from an ICE-lite agent, and so is this side: nobody would check the connection.";
            return false;
        }

        if (_remote is null)
        {
            // A lite agent that takes offers is passive unless the offer insists on being so itself (RFC 5763 §5).
            _dtlsRole = offer.Setup == SetupRole.Passive ? DtlsRole.Client : DtlsRole.Server;
        }
        else if (offer.Ufrag != _ice.RemoteUfrag || offer.Password != _ice.RemotePassword)
        {
            _ice.Restart();
            Reconnect(now);
        }

        Adopt(now, offer);
        answerSdp = DescriptionWriter.Answer(offer, Describe(_dtlsRole == DtlsRole.Server ? "passive" : "active"));
        return true;
    }

    /// <summary>Takes a trickled candidate (the value of a=candidate). A server validates and ignores it: the remote side's checks show its address.</summary>
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
            _ice.AddRemoteCandidate(parsed);
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

        if (_remote is not null)
        {
            _ice.Restart();
            Reconnect(now);
        }
        else
        {
            _offeredAt = now;
        }

        return DescriptionWriter.Offer(
            Describe(_remote is null ? "actpass" : _dtlsRole == DtlsRole.Client ? "active" : "passive"),
            _options.OfferAudio ? OfferedAudio : null,
            _options.OfferData ? new DataTerms(1, "1", "UDP/DTLS/SCTP", 5000, _options.MaxMessageSize) : null);
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

        if (answer.Audio is not null && (!_options.OfferAudio || answer.Audio.PayloadType != OfferedAudio.PayloadType))
        {
            refusal = "The answer names audio that was not offered.";
            return false;
        }

        if (_remote is null)
        {
            _dtlsRole = answer.Setup == SetupRole.Passive ? DtlsRole.Client : DtlsRole.Server;
        }

        Adopt(now, answer);
        foreach (IceCandidate candidate in answer.Candidates)
        {
            _ice.AddRemoteCandidate(candidate);
        }

        return true;
    }

    private AudioTerms OfferedAudio => new()
    {
        Section = 0,
        Mid = "0",
        PayloadType = 111,
        Codec = "opus",
        ClockRate = 48_000,
        Channels = 2,
        RemoteSends = true,
        RemoteReceives = true,
        Red = _options.Redundancy == Redundancy.Off && !_options.PreferRed ? null : 63,
        TelephoneEvents = [(110, 48_000)],
        Nack = _options.OfferNack,
        TransportFeedback = true,
        ReducedSize = true,
        LevelExtension = 1,
        TransportSequenceExtension = 3,
        MidExtension = 4,
        MixedExtensions = true,
    };

    private bool TryReadRemote(string sdp, bool isAnswer, [NotNullWhen(true)] out RemoteDescription? remote, [NotNullWhen(false)] out string? refusal)
    {
        remote = null;
        if (_closing || State == RtcPeerState.Closed)
        {
            refusal = "The connection is closed.";
            return false;
        }

        if (_dtlsFailed)
        {
            refusal = "The connection has failed for good: " + Failure;
            return false;
        }

        if (!RemoteDescription.TryRead(sdp ?? "", isAnswer, _remote?.Audio?.Mid, _remote?.Data?.Mid, out remote, out refusal))
        {
            return false;
        }

        refusal = Contradiction(remote);
        return refusal is null;
    }

    // What a live connection can't change.
    private string? Contradiction(RemoteDescription next)
    {
        if (_remote is null)
        {
            return null;
        }

        if (!next.Fingerprints.Any(f => _remote.Fingerprints.Contains(f)))
        {
            return "A live connection can't change its certificate.";
        }

        bool remoteIsActive = _dtlsRole == DtlsRole.Server;
        if (next.Setup == (remoteIsActive ? SetupRole.Passive : SetupRole.Active))
        {
            return "A live connection can't change its DTLS roles.";
        }

        if (_data is not null && next.Data is { } data && data.SctpPort != _remote.Data!.SctpPort)
        {
            return "A live connection can't change its SCTP port.";
        }

        if (next.Sections.Count < _remote.Sections.Count)
        {
            return "A re-offer must keep every m-line of the former one.";
        }

        return null;
    }

    private void Adopt(Instant now, RemoteDescription next)
    {
        AudioFormat? former = _remote?.Audio?.ToFormat();
        bool first = _remote is null;
        _remote = next;
        _ice.SetRemote(next.Ufrag, next.Password);
        if (first)
        {
            if (_options.Role == RtcRole.Server)
            {
                _offeredAt = now;
            }

            _connectBy = now + _options.ConnectTimeout;
            Enter(now, RtcPeerState.Connecting);
        }

        if (next.Audio is { } audio)
        {
            _audio.SetTerms(now, audio);
            if (former != audio.ToFormat())
            {
                _output.AddFormat(audio.ToFormat());
            }
        }

        StartData(now);
    }

    // An ICE restart gives a silent or failed connection its time to connect anew; a live one stays connected.
    private void Reconnect(Instant now)
    {
        if (State is RtcPeerState.Failed or RtcPeerState.Disconnected)
        {
            _connectBy = now + _options.ConnectTimeout;
            Enter(now, RtcPeerState.Connecting);
        }
    }

    private LocalDescription Describe(string setup) => new(
        _sessionId,
        ++_descriptionVersion,
        _ice.LocalUfrag,
        _ice.LocalPassword,
        _options.Identity.Fingerprint,
        setup,
        LocalCandidates,
        _options.Role == RtcRole.Server,
        _audio.Ssrc,
        _audio.CName,
        _options.OpusParameters,
        _options.MaxMessageSize,
        _options.PreferRed);
}
