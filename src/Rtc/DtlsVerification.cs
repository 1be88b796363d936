using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sdp;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc;

/// <summary>The checks after a completed DTLS handshake: the certificate that the SDP promised, and keys for its audio.</summary>
internal static class DtlsVerification
{
    /// <summary>Checks a completed handshake; RFC 8122 §6.2, RFC 5764 §4.2.</summary>
    /// <param name="engine">Its engine.</param>
    /// <param name="role">Our role in it.</param>
    /// <param name="remote">The description in force.</param>
    /// <param name="keys">The SRTP session; null when no profile was agreed on.</param>
    /// <returns>Why the connection can't be used, in one sentence; null when it can.</returns>
    public static string? Check(IDtlsEngine engine, DtlsRole role, RemoteDescription remote, out SrtpSession? keys)
    {
        keys = null;
        if (!remote.Fingerprints.Any(engine.PeerMatches))
        {
            return "The remote certificate does not match the fingerprint of the SDP.";
        }

        if (engine.Profile is not { } profile)
        {
            return remote.Audio is null ? null : "No SRTP profile could be agreed on.";
        }

        Span<byte> material = stackalloc byte[SrtpKeys.ExportSize(profile)];
        if (!engine.TryExportSrtpKeys(material))
        {
            return "The SRTP keys could not be exported.";
        }

        keys = SrtpSession.FromExport(profile, material, role == DtlsRole.Client);
        material.Clear();
        return null;
    }
}
