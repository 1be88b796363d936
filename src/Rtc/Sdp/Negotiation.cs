using System.Diagnostics.CodeAnalysis;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Ice;
using Bridge.Rtc.Rtp;

namespace Bridge.Rtc.Sdp;

/// <summary>Reads and writes the descriptions of one peer: offers, answers, and what a live connection can't change; RFC 8829.</summary>
internal sealed class Negotiation(RtcPeerOptions options, IceAgent ice, AudioSession audio, ulong sessionId)
{
    private int _version;

    /// <summary>The remote description in force; null before the first.</summary>
    public RemoteDescription? Remote { get; private set; }

    /// <summary>Reads a description; nothing changes before <see cref="Adopt"/>.</summary>
    /// <param name="sdp">Hostile until parsed.</param>
    /// <param name="isAnswer">Answers must have settled a=setup.</param>
    /// <param name="dtlsRole">Our role, once it is settled.</param>
    /// <param name="hasData">Whether the data channels' association stands.</param>
    /// <param name="remote">The result.</param>
    /// <param name="refusal">One sentence.</param>
    public bool TryReadRemote(
        string? sdp,
        bool isAnswer,
        DtlsRole dtlsRole,
        bool hasData,
        [NotNullWhen(true)] out RemoteDescription? remote,
        [NotNullWhen(false)] out string? refusal)
    {
        if (!RemoteDescription.TryRead(sdp ?? "", isAnswer, Remote?.Audio?.Mid, Remote?.Data?.Mid, out remote, out refusal))
        {
            return false;
        }

        refusal = Contradiction(remote, dtlsRole, hasData)
            ?? (isAnswer && remote.Audio is { } agreed && (!options.OfferAudio || agreed.PayloadType != OfferedAudio.PayloadType)
                ? "The answer names audio that was not offered."
                : !isAnswer && remote.IceLite
                    ? "The offer comes from an ICE-lite agent, and so is this side: nobody would check the connection."
                    : null);
        return refusal is null;
    }

    /// <summary>Whether the remote side begins ICE anew (RFC 8445 §9).</summary>
    public bool IsRestart(RemoteDescription next) =>
        Remote is not null && (next.Ufrag != ice.RemoteUfrag || next.Password != ice.RemotePassword);

    /// <summary>Takes a description into force.</summary>
    public void Adopt(RemoteDescription next)
    {
        Remote = next;
        ice.SetRemote(next.Ufrag, next.Password);
    }

    /// <summary>Writes the answer to an offer.</summary>
    public string WriteAnswer(RemoteDescription offer, DtlsRole dtlsRole, IReadOnlyList<LocalCandidate> candidates) =>
        DescriptionWriter.Answer(offer, Describe(dtlsRole == DtlsRole.Server ? "passive" : "active", candidates));

    /// <summary>Writes an offer.</summary>
    public string WriteOffer(DtlsRole dtlsRole, IReadOnlyList<LocalCandidate> candidates) => DescriptionWriter.Offer(
        Describe(Remote is null ? "actpass" : dtlsRole == DtlsRole.Client ? "active" : "passive", candidates),
        options.OfferAudio ? OfferedAudio : null,
        new DataTerms(1, "1", "UDP/DTLS/SCTP", 5000, options.MaxMessageSize));

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
        Red = options.Redundancy == Redundancy.Off ? null : 63,
        TelephoneEvents = [(110, 48_000)],
        Nack = options.OfferNack,
        TransportFeedback = true,
        ReducedSize = true,
        LevelExtension = 1,
        TransportSequenceExtension = 3,
        MidExtension = 4,
        MixedExtensions = true,
    };

    private string? Contradiction(RemoteDescription next, DtlsRole dtlsRole, bool hasData)
    {
        if (Remote is null)
        {
            return null;
        }

        if (!next.Fingerprints.Any(f => Remote.Fingerprints.Contains(f)))
        {
            return "A live connection can't change its certificate.";
        }

        if (next.Setup == (dtlsRole == DtlsRole.Server ? SetupRole.Passive : SetupRole.Active))
        {
            return "A live connection can't change its DTLS roles.";
        }

        if (hasData && next.Data is { } data && data.SctpPort != Remote.Data!.SctpPort)
        {
            return "A live connection can't change its SCTP port.";
        }

        if (next.Sections.Count < Remote.Sections.Count)
        {
            return "A re-offer must keep every m-line of the former one.";
        }

        return null;
    }

    private LocalDescription Describe(string setup, IReadOnlyList<LocalCandidate> candidates) => new(
        sessionId,
        ++_version,
        ice.LocalUfrag,
        ice.LocalPassword,
        options.Identity.Fingerprint,
        setup,
        candidates,
        options.Role == RtcRole.Server,
        audio.Ssrc,
        audio.CName,
        options.MaxMessageSize);
}
