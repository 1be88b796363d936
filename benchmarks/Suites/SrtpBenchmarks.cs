using BenchmarkDotNet.Attributes;
using Bridge.Rtc.Rtp;
using Bridge.Rtc.Srtp;

namespace Bridge.Benchmarks.Suites;

/// <summary>One RTP packet with a 100-byte payload: protected, and unprotected at the other end.</summary>
[MemoryDiagnoser]
public class SrtpBenchmarks
{
    private const int Header = 12;
    private const int Payload = 100;

    private readonly byte[] _packet = new byte[256];
    private SrtpSession _sender = null!;
    private SrtpSession _receiver = null!;
    private ushort _sequence;

    [Params("GCM", "CM-SHA1")]
    public string Profile { get; set; } = "GCM";

    [GlobalSetup]
    public void Setup()
    {
        SrtpProfile profile = Profile == "GCM" ? SrtpProfile.AeadAes128Gcm : SrtpProfile.Aes128CmHmacSha1Tag80;
        byte[] material = [.. Enumerable.Range(0, SrtpKeys.ExportSize(profile)).Select(i => (byte)(i * 7))];
        _sender = SrtpSession.FromExport(profile, material, isDtlsClient: true);
        _receiver = SrtpSession.FromExport(profile, material, isDtlsClient: false);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    [Benchmark]
    public int Protect() => _sender.ProtectRtp(Write(), Header, Header + Payload);

    [Benchmark]
    public int ProtectAndUnprotect()
    {
        int length = _sender.ProtectRtp(Write(), Header, Header + Payload);
        return RtpHeader.TryParse(_packet.AsSpan(0, length), out RtpHeader header)
            && _receiver.UnprotectRtp(_packet.AsSpan(0, length), header, out int plain) == SrtpResult.Ok
            ? plain
            : throw new InvalidOperationException("The packet did not come back.");
    }

    private Span<byte> Write()
    {
        _sequence++;
        _packet[0] = 0x80;
        _packet[1] = 111;
        _packet[2] = (byte)(_sequence >> 8);
        _packet[3] = (byte)_sequence;
        _packet[11] = 1;
        return _packet;
    }
}
