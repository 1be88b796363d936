using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Srtp;

namespace Bridge.Testing;

/// <summary>An identity whose connections follow virtual time alone.</summary>
public sealed class FakeDtlsIdentity : DtlsIdentity
{
    private readonly byte[] _certificate = new byte[64];
    private readonly IEntropy _entropy;
    private readonly SrtpProfile? _profile;

    public FakeDtlsIdentity(IEntropy entropy, SrtpProfile? profile = SrtpProfile.Aes128CmHmacSha1Tag80)
    {
        _entropy = entropy;
        _profile = profile;
        entropy.FillSecret(_certificate);
        Fingerprint = CertificateFingerprint.OfCertificate(_certificate);
    }

    public override CertificateFingerprint Fingerprint { get; }

    public override IDtlsEngine CreateEngine(DtlsRole role, int mtu) => new FakeDtlsEngine(role, _certificate, _entropy, _profile);
}
