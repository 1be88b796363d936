using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Ice;

namespace Bridge.Rtc.Sdp;

/// <summary>A remote offer or answer, validated and reduced to what this side can agree to.</summary>
internal sealed record RemoteDescription
{
    private const int MaxCandidates = 64;
    private const int MaxFingerprints = 8;

    public required IReadOnlyList<SdpSection> Sections { get; init; }

    public required string Ufrag { get; init; }

    public required string Password { get; init; }

    public required bool IceLite { get; init; }

    public required IReadOnlyList<CertificateFingerprint> Fingerprints { get; init; }

    public required SetupRole Setup { get; init; }

    public required IReadOnlyList<IceCandidate> Candidates { get; init; }

    /// <summary>Mids that share this side's one transport; empty when the remote side does not bundle.</summary>
    public required IReadOnlyList<string> Bundle { get; init; }

    public AudioTerms? Audio { get; init; }

    public DataTerms? Data { get; init; }

    /// <summary>Reads a description.</summary>
    /// <param name="sdp">The text.</param>
    /// <param name="isAnswer">Answers must have settled a=setup.</param>
    /// <param name="audioMid">The mid audio was agreed on before; null takes the first that fits.</param>
    /// <param name="dataMid">The same for data.</param>
    /// <param name="remote">The result.</param>
    /// <param name="refusal">One sentence.</param>
    public static bool TryRead(
        string sdp, bool isAnswer, string? audioMid, string? dataMid, [NotNullWhen(true)] out RemoteDescription? remote, out string refusal)
    {
        remote = null;
        if (!SessionDescription.TryParse(sdp, out SessionDescription description, out refusal))
        {
            return false;
        }

        if (description.Sections.Count == 0)
        {
            refusal = "The SDP has no m-line.";
            return false;
        }

        if (!TryReadMids(description, out List<string> mids, out refusal)
            || !TryReadBundle(description, mids, out List<string> bundle, out refusal))
        {
            return false;
        }

        AudioTerms? audio = null;
        DataTerms? data = null;
        for (int i = 0; i < description.Sections.Count; i++)
        {
            SdpSection section = description.Sections[i];
            if (!IsAlive(section, bundle, mids[i]) || !SharesTransport(bundle, mids[i], audio?.Mid ?? data?.Mid))
            {
                continue;
            }

            if (section.Kind == "audio" && audio is null && (audioMid is null || audioMid == mids[i]))
            {
                audio = AudioTermsReader.Read(description, section, i, mids[i]);
            }
            else if (section.Kind == "application" && data is null && (dataMid is null || dataMid == mids[i])
                && !TryReadData(section, i, mids[i], out data, out refusal))
            {
                return false;
            }
        }

        int first = Math.Min(audio?.Section ?? int.MaxValue, data?.Section ?? int.MaxValue);
        if (first == int.MaxValue)
        {
            refusal =
                "The SDP offers neither audio in a codec this side has (Opus, PCMU, PCMA, with rtcp-mux over DTLS) nor a data channel.";
            return false;
        }

        // With BUNDLE the transport attributes of the first section count; RFC 9143 §7.1.3.
        return TryReadTransport(description, first, isAnswer, bundle, audio, data, out remote, out refusal);
    }

    private static bool TryReadMids(SessionDescription description, out List<string> mids, out string refusal)
    {
        mids = [];
        refusal = "";
        for (int i = 0; i < description.Sections.Count; i++)
        {
            string mid = description.Sections[i].Mid ?? "";
            if (mid.Length > 0 && (!SdpToken.IsToken(mid) || mid.Length > 64))
            {
                refusal = $"The mid of m-line {i + 1} is no valid token.";
                return false;
            }

            if (mid.Length > 0 && mids.Contains(mid))
            {
                refusal = $"The mid of m-line {i + 1} is used twice.";
                return false;
            }

            mids.Add(mid);
        }

        return true;
    }

    private static bool TryReadBundle(SessionDescription description, List<string> mids, out List<string> bundle, out string refusal)
    {
        bundle = [];
        refusal = "";
        foreach (string group in description.Session.Values("group"))
        {
            string[] parts = group.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0 || parts[0] != "BUNDLE")
            {
                continue;
            }

            foreach (string mid in parts.AsSpan(1))
            {
                if (!mids.Contains(mid))
                {
                    refusal = "The BUNDLE group names a mid that no m-line has.";
                    return false;
                }

                bundle.Add(mid);
            }

            break;
        }

        return true;
    }

    // Port 0 refuses a section, unless it only lives inside the bundle; RFC 9143 §6.
    private static bool IsAlive(SdpSection section, List<string> bundle, string mid) =>
        section.Port != 0 || (section.Has("bundle-only") && bundle.Contains(mid));

    private static bool SharesTransport(List<string> bundle, string mid, string? accepted) =>
        accepted is null || (bundle.Contains(mid) && bundle.Contains(accepted));

    private static bool TryReadData(SdpSection section, int index, string mid, out DataTerms? data, out string refusal)
    {
        data = null;
        refusal = "";
        string? port;
        if (section.Protocol == DataTerms.LegacyProtocol && section.Formats.Count == 1)
        {
            // The form before RFC 8841: the port is the format, and a=sctpmap names the use.
            port = section.Formats[0];
            if (section.Value("sctpmap")?.StartsWith(port + " webrtc-datachannel", StringComparison.Ordinal) != true)
            {
                return true;
            }
        }
        else if (section.Protocol is "UDP/DTLS/SCTP" or "TCP/DTLS/SCTP" && section.Formats.Contains("webrtc-datachannel"))
        {
            port = section.Value("sctp-port");
        }
        else
        {
            return true;
        }

        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort sctpPort) || sctpPort == 0)
        {
            refusal = "The data channel section has no valid a=sctp-port.";
            return false;
        }

        // Absent means 64 kB, zero means any size; RFC 8841 §6.1.
        const int Default = 65_536;
        int maximum = Default;
        if (section.Value("max-message-size") is { } text)
        {
            if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong size))
            {
                refusal = "The a=max-message-size is no number.";
                return false;
            }

            maximum = size is 0 or > int.MaxValue ? int.MaxValue : (int)size;
        }

        data = new DataTerms(index, mid, section.Protocol, sctpPort, maximum);
        return true;
    }

    private static bool TryReadTransport(
        SessionDescription description, int first, bool isAnswer, List<string> bundle, AudioTerms? audio, DataTerms? data,
        [
            NotNullWhen(true),
        ] out RemoteDescription? remote, out string refusal)
    {
        remote = null;
        SdpSection section = description.Sections[first];
        string ufrag = description.Inherited(section, "ice-ufrag") ?? "";
        string password = description.Inherited(section, "ice-pwd") ?? "";
        if (!SdpToken.IsIceText(ufrag, 4) || !SdpToken.IsIceText(password, 22))
        {
            refusal = "The SDP has no valid a=ice-ufrag and a=ice-pwd.";
            return false;
        }

        if (!TryReadSetup(description.Inherited(section, "setup"), isAnswer, out SetupRole setup, out refusal))
        {
            return false;
        }

        IEnumerable<string> lines = section.Has("fingerprint") ? section.Values("fingerprint") : description.Session.Values("fingerprint");
        var fingerprints = new List<CertificateFingerprint>();
        foreach (string line in lines.Take(MaxFingerprints))
        {
            if (CertificateFingerprint.TryParse(line, out CertificateFingerprint? fingerprint))
            {
                fingerprints.Add(fingerprint!);
            }
        }

        if (fingerprints.Count == 0)
        {
            refusal = "The SDP has no valid a=fingerprint with SHA-256, SHA-384 or SHA-512.";
            return false;
        }

        var candidates = new List<IceCandidate>();
        foreach (string line in section.Values("candidate").Take(MaxCandidates))
        {
            // A candidate this side can't read is one it can't use (RFC 8839 §5.1).
            if (IceCandidate.TryParse("candidate:" + line, out IceCandidate candidate))
            {
                candidates.Add(candidate);
            }
        }

        remote = new RemoteDescription
        {
            Sections = description.Sections,
            Ufrag = ufrag,
            Password = password,
            IceLite = description.Session.Has("ice-lite"),
            Fingerprints = fingerprints,
            Setup = setup,
            Candidates = candidates,
            Bundle = bundle,
            Audio = audio,
            Data = data,
        };
        return true;
    }

    private static bool TryReadSetup(string? value, bool isAnswer, out SetupRole setup, out string refusal)
    {
        refusal = "";
        (setup, bool valid) = value switch
        {
            "actpass" when !isAnswer => (SetupRole.Actpass, true),
            "active" => (SetupRole.Active, true),
            "passive" => (SetupRole.Passive, true),
            _ => (default, false),
        };
        if (!valid)
        {
            refusal = "The SDP has no valid a=setup.";
        }

        return valid;
    }
}
