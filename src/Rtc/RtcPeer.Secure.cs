using Bridge.Rtc.Dtls;
using Bridge.Rtc.Sctp;
using Bridge.Rtc.Srtp;

namespace Bridge.Rtc;

/// <summary>The DTLS connection and what lives on it: SRTP keys and the data channels.</summary>
public sealed partial class RtcPeer
{
    // A DTLS record's plaintext is at most 2^14 bytes; one buffer serves every peer of a thread.
    private const int ScratchSize = 16_384 + 512;

    [ThreadStatic]
    private static byte[]? t_scratch;

    private IDtlsEngine? _dtls;
    private DtlsRole _dtlsRole;
    private bool _dtlsUp;
    private bool _dtlsFailed;
    private DataSession? _data;

    private void ReceiveDtls(Instant now, ReadOnlySpan<byte> datagram, Route from)
    {
        if (_remote is null || _dtlsFailed)
        {
            _output.Drops.Add(DropReason.DtlsUnexpected, datagram.Length);
            return;
        }

        _ice.Prefer(from);
        if (_dtls is null)
        {
            if (_dtlsRole != DtlsRole.Server)
            {
                _output.Drops.Add(DropReason.DtlsUnexpected, datagram.Length);
                return;
            }

            // The engine is made for the first ClientHello: an offer nobody follows up costs no native memory.
            StartDtls(now);
        }

        _dtls!.Receive(now, datagram);
        PumpDtls(now, from);
    }

    private void StartDtls(Instant now)
    {
        _dtls = _options.Identity.CreateEngine(_dtlsRole, _options.Mtu);
        if (_dtlsRole == DtlsRole.Client)
        {
            _dtls.Start(now);
        }
    }

    private void PumpDtls(Instant now, Route? from = null)
    {
        byte[] scratch = t_scratch ??= new byte[ScratchSize];
        while (_dtls!.Poll(now, scratch, out int length) is var signal and not DtlsSignal.None)
        {
            switch (signal)
            {
                case DtlsSignal.Datagram:
                    if (_ice.Selected is { } route && length <= OutputQueue.BufferSize)
                    {
                        _output.AddDatagram(scratch.AsSpan(0, length), route);
                    }

                    break;
                case DtlsSignal.Connected:
                    CompleteDtls(now);
                    break;
                case DtlsSignal.ApplicationData:
                    HeardMedia(now, from);
                    _data?.Association.Receive(now, scratch.AsSpan(0, length));
                    break;
                case DtlsSignal.Closed:
                    _data?.Association.Abort(now);
                    Enter(now, RtcPeerState.Closed);
                    break;
                default:
                    FailDtls(now, _dtls.Failure ?? "DTLS failed.");
                    break;
            }
        }
    }

    private void CompleteDtls(Instant now)
    {
        bool known = false;
        foreach (CertificateFingerprint fingerprint in _remote!.Fingerprints)
        {
            known |= _dtls!.PeerMatches(fingerprint);
        }

        if (!known)
        {
            FailDtls(now, "The remote certificate does not match the fingerprint of the SDP.");
            return;
        }

        _dtlsUp = true;
        if (_dtls!.Profile is { } profile)
        {
            Span<byte> material = stackalloc byte[SrtpKeys.ExportSize(profile)];
            if (!_dtls.TryExportSrtpKeys(material))
            {
                FailDtls(now, "The SRTP keys could not be exported.");
                return;
            }

            _audio.SetKeys(SrtpSession.FromExport(profile, material, _dtlsRole == DtlsRole.Client));
            material.Clear();
        }
        else if (_remote.Audio is not null)
        {
            FailDtls(now, "No SRTP profile could be agreed on.");
            return;
        }

        StartData(now);
        AfterCheck(now);
    }

    private void StartData(Instant now)
    {
        if (_data is not null || !_dtlsUp || _remote?.Data is not { } terms)
        {
            return;
        }

        // DTLS adds a 13-byte record header, an 8-byte explicit nonce and a 16-byte tag.
        const int DtlsOverhead = 37;
        var association = new SctpAssociation(now, _entropy, new SctpOptions
        {
            IsDtlsClient = _dtlsRole == DtlsRole.Client,
            RemotePort = terms.SctpPort,
            MaxPacketSize = (_options.Mtu - DtlsOverhead) & ~3,
            MaxSendMessageSize = terms.MaxMessageSize,
            MaxReceiveMessageSize = _options.MaxMessageSize,
            SendBufferSize = _options.SendBufferLimit,
            MaxChannels = _options.MaxChannels,
        });
        _data = new DataSession(now, association, _dtls!);
        if (_dtlsRole == DtlsRole.Client)
        {
            association.Connect(now);
        }
    }

    private void FailDtls(Instant now, string reason)
    {
        _dtlsFailed = true;
        _dtlsUp = false;
        Failure = reason;
        _data?.Association.Abort(now);
        _dtls!.Close(now);
        Enter(now, RtcPeerState.Failed);
    }
}
