using Bridge.Rtc;
using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;

namespace Bridge.Testing.Lab;

/// <summary>An identity whose latest connection can be made to carry SCTP that no association wrote.</summary>
/// <param name="inner">Makes the connections; not disposed here.</param>
public sealed class TappedIdentity(DtlsIdentity inner) : DtlsIdentity
{
    private IDtlsEngine? _latest;

    /// <inheritdoc/>
    public override CertificateFingerprint Fingerprint => inner.Fingerprint;

    /// <inheritdoc/>
    public override IDtlsEngine CreateEngine(DtlsRole role, int mtu) => _latest = inner.CreateEngine(role, mtu);

    /// <summary>Sends an INIT with a tag of its own on the latest connection; false before its handshake is complete.</summary>
    public bool SendInit(Instant now, uint tag)
    {
        byte[] buffer = new byte[100];
        PacketWriter packet = new(buffer, 5000, 5000, 0);
        InitChunk init = new(tag, 100_000, 16, 16, new Tsn(tag), true, true, false);
        init.Write(packet.Append(ChunkType.Init, 0, init.Size));
        return _latest is not null && _latest.TrySend(now, packet.Finish(false));
    }
}
