using Bridge.Rtc.Dtls;

namespace Bridge.Rtc.Sdp;

/// <summary>The facts that this side writes into every description.</summary>
/// <param name="SessionId">Stays for the life of the peer.</param>
/// <param name="Version">Rises with every description (RFC 8866 §5.2).</param>
/// <param name="Ufrag">ICE.</param>
/// <param name="Password">ICE.</param>
/// <param name="Fingerprint">Of our certificate.</param>
/// <param name="Setup">"actpass", "active" or "passive".</param>
/// <param name="Candidates">All of them: nothing trickles.</param>
/// <param name="Lite">ICE-lite.</param>
/// <param name="Ssrc">Of our audio.</param>
/// <param name="CName">Of our audio; RFC 3550 §6.5.1.</param>
/// <param name="MaxMessageSize">The formats that we take.</param>
internal sealed record LocalDescription(
    ulong SessionId,
    int Version,
    string Ufrag,
    string Password,
    CertificateFingerprint Fingerprint,
    string Setup,
    IReadOnlyList<LocalCandidate> Candidates,
    bool Lite,
    uint Ssrc,
    string CName,
    int MaxMessageSize);
